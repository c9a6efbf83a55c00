"""Structs: tuples, NamedTuples and frozen dataclasses as a class and its fields, in order.

In the frontend a struct is an instance of its own class whose fields are things (`rebuild` makes
one without running the class's code), so that unpacking, indexing and `isinstance` are Python's.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields
from enum import Enum
from functools import lru_cache
from typing import Any, ForwardRef, NamedTuple

from .definition import REQUIRED, constexpr
from .errors import CompileError


class StructField(NamedTuple):
    """A field as its class declares it; `default` may be `REQUIRED`, `annotation` None."""

    name: str
    annotation: object
    default: object
    is_keyword_only: bool

    @property
    def is_constexpr(self) -> bool:
        """Whether it holds a compile-time constant by declaration."""
        return self.annotation is constexpr


def is_named_tuple(kind: type) -> bool:
    """Whether a class is a NamedTuple."""
    return issubclass(kind, tuple) and isinstance(getattr(kind, "_fields", None), tuple)


def is_dataclass(kind: type) -> bool:
    """Whether a class is a dataclass of the user's."""
    return hasattr(kind, "__dataclass_fields__") and not issubclass(kind, Enum)


def is_struct_class(kind: object) -> bool:
    """Whether a class has named fields: a NamedTuple or a dataclass, frozen or not."""
    return isinstance(kind, type) and (is_named_tuple(kind) or is_dataclass(kind))


def is_struct(thing: object) -> bool:
    """Whether something is a tuple, a NamedTuple or an instance of a frozen dataclass."""
    if isinstance(thing, tuple):
        return not isinstance(thing, Enum)
    kind: type = type(thing)
    return is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]


def class_of(struct: object) -> type:
    """The class of a struct; `tuple` for every tuple whose fields have no names."""
    kind = type(struct)
    return tuple if isinstance(struct, tuple) and not is_named_tuple(kind) else kind


@lru_cache(maxsize=256)
def field_names(kind: type) -> tuple[str, ...] | None:
    """The names of the fields of a class of structs; None for `tuple`."""
    if issubclass(kind, tuple):
        return getattr(kind, "_fields", None)
    return tuple([one.name for one in _declared(kind)])


def items_of(struct: object) -> tuple[object, ...]:
    """What the fields of a struct hold."""
    if isinstance(struct, tuple):
        return tuple(struct)
    kind: type = type(struct)
    return tuple([getattr(struct, name, REQUIRED) for name in field_names(kind) or ()])


def rebuild(kind: type, items: Sequence[object]) -> object:
    """A struct of a class with these fields; no code of the class runs."""
    names = field_names(kind) or ()
    if kind is tuple:
        return tuple(items)
    if issubclass(kind, tuple):
        return tuple.__new__(kind, items)
    made: object = object.__new__(kind)
    for name, item in zip(names, items, strict=True):
        object.__setattr__(made, name, item)
    return made


def part_name(name: str, kind: type, position: int) -> str:
    """What a part of a named struct is called: `state.x`, `pair.0`."""
    names = field_names(kind)
    return f"{name}.{position if names is None else names[position]}"


def describe_class(kind: type) -> str:
    """A class of structs, for a message."""
    return "a tuple" if kind is tuple else f"`{kind.__name__}`"


@lru_cache(maxsize=256)
def fields_of(kind: type) -> tuple[StructField, ...]:
    """The fields of a NamedTuple or a dataclass, with their annotations evaluated."""
    if issubclass(kind, tuple):
        defaults: Mapping[str, object] = getattr(kind, "_field_defaults", {})
        return tuple(
            StructField(name, _annotation(kind, name), defaults.get(name, REQUIRED), False)
            for name in field_names(kind) or ()
        )
    return tuple(
        StructField(one.name, _annotation(kind, one.name), _default(one), bool(one.kw_only))
        for one in _declared(kind)
    )


def refusal(kind: type) -> tuple[str, str] | None:
    """Why the instances of a class are no structs, and the way out; None if they are."""
    if not is_dataclass(kind) or kind.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        return None
    return (
        f"the dataclass `{kind.__name__}` is not frozen",
        "declare it with `@dataclass(frozen=True)`: kernels take structs apart by value",
    )


def check_constructible(kind: type) -> None:
    """Refuse classes whose construction runs code of the user's: kernels cannot run it."""
    refused = refusal(kind)
    if refused is not None:
        raise CompileError(*refused)
    custom = "__post_init__" if hasattr(kind, "__post_init__") else None
    if issubclass(kind, tuple):
        made, plain = getattr(kind, "__new__"), getattr(_named_base(kind), "__new__")  # noqa: B009
        custom = None if made is plain else "__new__"
    elif not kind.__dataclass_params__.init:  # type: ignore[attr-defined]
        custom = "__init__"
    if custom is not None:
        raise CompileError(
            f"`{kind.__name__}` has a `{custom}`, which cannot run in a kernel",
            "make the fields ready in a `@tw.func` that builds the struct",
        )


def _named_base(kind: type) -> type:
    """The class that declares the fields of a NamedTuple."""
    return next(base for base in reversed(kind.__mro__) if hasattr(base, "_fields"))


def _declared(kind: type) -> Sequence[Field[Any]]:
    """The fields proper of a dataclass, neither `ClassVar` nor `InitVar`."""
    return fields(kind)


def _default(one: Field[Any]) -> object:
    if one.default is not MISSING:
        return one.default
    return REQUIRED if one.default_factory is MISSING else one.default_factory()


def _annotation(kind: type, name: str) -> object:
    """The annotation of a field; source text is evaluated where its names are known.

    A text that is a type of ours, such as `"f32[:, ::1]"`, stays text.
    """
    for base in kind.__mro__:
        found = vars(base).get("__annotations__", {}).get(name)
        if found is None:
            continue
        text = found.__forward_arg__ if isinstance(found, ForwardRef) else found
        if not isinstance(text, str):
            return text
        module = sys.modules.get(base.__module__)
        try:
            return eval(text, dict(vars(module)) if module is not None else {}, dict(vars(base)))
        except Exception:  # whatever it is, it is not known here
            return text
    return None
