"""Functions on structs: NamedTuples and frozen dataclasses."""

from __future__ import annotations

from typing import Any

from ..errors import CompileError, did_you_mean
from ..structs import class_of, field_names, fields_of, is_struct, items_of, rebuild
from .table import Context, builtin
from .values import describe


@builtin("dataclasses.replace", public=False)
def replace(context: Context, struct: object, /, **changes: object) -> Any:
    """A struct with some of its fields changed; `s._replace(x=...)` of a NamedTuple."""
    names = field_names(class_of(struct)) if is_struct(struct) else None
    if names is None:
        raise CompileError(f"replace of {describe(struct)}, expected a struct with named fields")
    kind = class_of(struct)
    for name in changes:
        if name not in names:
            note = did_you_mean(name, names) or f"it has {', '.join(names)}"
            raise CompileError(f"`{kind.__name__}` has no field `{name}`", note)
    items = [
        context.fit(changes[field.name], field.annotation, f"`{field.name}` of `{kind.__name__}`")
        if field.name in changes
        else item
        for field, item in zip(fields_of(kind), items_of(struct), strict=True)
    ]
    return rebuild(kind, items)
