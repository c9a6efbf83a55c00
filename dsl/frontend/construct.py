"""Structs built in kernels: `State(x, v)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..definition import REQUIRED
from ..errors import CompileError, did_you_mean
from ..structs import StructField, check_constructible, fields_of, rebuild
from .merge import Thing
from .scope import Lowering, usable


def construct(
    lowering: Lowering, kind: type, arguments: Sequence[Thing], keywords: Mapping[str, Thing]
) -> Thing:
    """An instance of a NamedTuple or a frozen dataclass: what calling its class gives."""
    check_constructible(kind)
    fields = fields_of(kind)
    given = _bound(kind, fields, arguments, keywords)
    items: list[Thing] = []
    for field in fields:
        what = f"field `{field.name}` of `{kind.__name__}`"
        if field.name in given:
            item = given[field.name]
        elif field.default is REQUIRED:
            raise CompileError(f"{what} is missing", f"it is {_shown(kind, fields)}")
        else:
            item = usable(field.default, f"the default of {what}")
        items.append(lowering.fit(item, field.annotation, what))
    return rebuild(kind, items)


def _bound(
    kind: type,
    fields: Sequence[StructField],
    arguments: Sequence[Thing],
    keywords: Mapping[str, Thing],
) -> dict[str, Thing]:
    """What is given for the fields, by name."""
    positional = [field.name for field in fields if not field.is_keyword_only]
    if len(arguments) > len(positional):
        raise CompileError(
            f"`{kind.__name__}` has {len(positional)} fields, found {len(arguments)} values",
            f"it is {_shown(kind, fields)}",
        )
    given = dict(zip(positional, arguments, strict=False))
    names = [field.name for field in fields]
    for name, value in keywords.items():
        if name not in names:
            note = did_you_mean(name, names) or f"it is {_shown(kind, fields)}"
            raise CompileError(f"`{kind.__name__}` has no field `{name}`", note)
        if name in given:
            raise CompileError(f"field `{name}` of `{kind.__name__}` is given twice")
        given[name] = value
    return given


def _shown(kind: type, fields: Sequence[StructField]) -> str:
    return f"`{kind.__name__}({', '.join(field.name for field in fields)})`"
