"""What the choice of a configuration depends on: the texts of `key=[...]`, parsed and read.

A text is a parameter (`"n"`: the value of a number, dtype and shape of an array) or an attribute
of one: `a.shape`, `a.shape[1]`, `a.strides`, `a.strides[0]`, `a.size`, `a.ndim`, `a.dtype`. Nothing
is evaluated as Python. What arguments are (dtypes, ranks, which axis has unit stride, constexprs)
tells calls apart without being named, since other code is compiled for them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tilewright.dsl.errors import CompileError, did_you_mean
from tilewright.dsl.structs import class_of, is_struct, items_of, part_name
from tilewright.dsl.types import Array

from ..arguments import ARRAY, CONSTEXPR, POINTER, SCALAR, STRUCTURE, Parameter
from ..interop import header_of, is_array
from .config import show_constant

# What the extension adds to the key of a call; as in native/bindings/tuning.h.
_VALUE, _EXTENT, _STRIDE, _SIZE, _EXTENTS, _STRIDES = range(6)
_IMPLIED: Final = -1  # the kinds of the arguments tell it already

_ATTRIBUTES: Final = {
    "shape": _EXTENTS,
    "strides": _STRIDES,
    "size": _SIZE,
    "ndim": _IMPLIED,
    "dtype": _IMPLIED,
}
_OF_AXES: Final = {"shape": _EXTENT, "strides": _STRIDE}
_MOST_AXES: Final = 8


@dataclass(frozen=True, slots=True)
class KeyItem:
    """A quantity of an argument; `what` and `axis` are what the extension reads of it."""

    text: str
    parameter: Parameter
    position: int
    attribute: str | None
    what: int
    axis: int

    def read(self, argument: object) -> object:
        """Its value, as it can be written as JSON."""
        if self.attribute is None and not is_array(argument):
            return _plain(argument)
        if not is_array(argument):
            return type(argument).__name__ if self.attribute == "dtype" else 0
        array = header_of(argument)
        match self.attribute:
            case None:
                return f"{array.dtype}{list(array.shape)}"
            case "dtype":
                return str(array.dtype)
            case "strides":
                steps = [stride // array.itemsize for stride in array.strides]
                return steps[self.axis] if self.what == _STRIDE else steps
            case "shape":
                return array.shape[self.axis] if self.what == _EXTENT else list(array.shape)
            case name:
                return int(getattr(array, name))


Key = tuple[KeyItem, ...] | None  # None: the shapes of all arrays


def parse_key(kernel: str, parameters: Sequence[Parameter], tuned: set[str], key: object) -> Key:
    """Parse the texts of a key; raises `CompileError` that names the one that is wrong."""
    if key is None:
        return None
    if isinstance(key, str) or not isinstance(key, Iterable):
        raise CompileError(
            f"`key` of {kernel} is {key!r}, expected a list of texts", f"write key=[{key!r}]"
        )
    return tuple(dict.fromkeys(_parse(kernel, parameters, tuned, text) for text in key))


def rows_of(key: Key) -> list[tuple[str, int, int, int]] | None:
    """What the extension wants to know of a key: text, parameter, quantity, axis."""
    if key is None:
        return None
    return [(one.text, one.position, one.what, one.axis) for one in key if one.what != _IMPLIED]


def read_key(
    key: Key,
    parameters: Sequence[Parameter],
    tuned: Sequence[int],
    arguments: Sequence[object],
) -> dict[str, object]:
    """The values of a key for a call, by text, and the constexprs that are not tuned.

    With the types of its arguments that is all that tells it from other calls.
    """
    found: dict[str, object] = {}
    if key is not None:
        found |= {one.text: one.read(arguments[one.position]) for one in key}
    for k, (parameter, argument) in enumerate(zip(parameters, arguments, strict=True)):
        if parameter.kind != CONSTEXPR:
            if key is None:
                _add_shapes(found, parameter.name, argument)
        elif k not in tuned:
            found[parameter.name] = show_constant(argument)
    return found


def _add_shapes(found: dict[str, object], name: str, argument: object) -> None:
    if is_struct(argument):
        kind = class_of(argument)
        for k, item in enumerate(items_of(argument)):
            _add_shapes(found, part_name(name, kind, k), item)
    elif is_array(argument):
        found[f"{name}.shape"] = list(header_of(argument).shape)


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    return value if isinstance(value, bool | int | float | str) or value is None else repr(value)


def _parse(kernel: str, parameters: Sequence[Parameter], tuned: set[str], text: object) -> KeyItem:
    what = f"`key` of {kernel}: {text!r}"
    if not isinstance(text, str):
        raise CompileError(f"{what} is no text", 'write "n" or "a.shape[1]"')
    try:
        tree: ast.AST = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        raise _refused(what) from None
    name, attribute, axis = _take_apart(what, tree)
    names = [one.name for one in parameters]
    if name not in names:
        raise CompileError(
            f"{what}: {kernel} has no parameter `{name}`",
            did_you_mean(name, names) or f"its parameters are {', '.join(names)}",
        )
    if name in tuned:
        raise CompileError(
            f"{what}: configurations set `{name}`, so a choice cannot depend on it",
            "name what is known before: extents of arrays, numbers, other constexprs",
        )
    position = names.index(name)
    parameter = parameters[position]
    _check_annotation(what, parameter, attribute, axis)
    if attribute is None:
        kind = _IMPLIED if parameter.kind == CONSTEXPR else _VALUE
        return KeyItem(text, parameter, position, None, kind, 0)
    if axis is None:
        return KeyItem(text, parameter, position, attribute, _ATTRIBUTES[attribute], 0)
    return KeyItem(text, parameter, position, attribute, _OF_AXES[attribute], axis)


def _take_apart(what: str, tree: ast.AST) -> tuple[str, str | None, int | None]:
    """The parameter, its attribute and the axis that an expression names."""
    match tree:
        case ast.Name(name):
            return name, None, None
        case ast.Attribute(ast.Name(name), attribute) if attribute in _ATTRIBUTES:
            return name, attribute, None
        case ast.Subscript(ast.Attribute(ast.Name(name), attribute), place) if (
            attribute in _OF_AXES
        ):
            match place:
                case ast.Constant(int(axis)) if not isinstance(axis, bool) and axis < _MOST_AXES:
                    return name, attribute, axis
                case ast.UnaryOp(ast.USub(), ast.Constant(int(axis))) if 0 < axis <= _MOST_AXES:
                    return name, attribute, -axis
    raise _refused(what)


def _refused(what: str) -> CompileError:
    return CompileError(
        f"{what} is neither a parameter nor a plain attribute of one",
        "write `n`, `a.shape[1]`, `a.shape`, `a.strides[0]`, `a.size`, `a.ndim` or `a.dtype`",
    )


def _check_annotation(
    what: str, parameter: Parameter, attribute: str | None, axis: int | None
) -> None:
    """Refuse what the annotation of the parameter already shows to be wrong."""
    name = parameter.name
    if parameter.kind == STRUCTURE or parameter.cls is not None:
        raise CompileError(
            f"{what}: `{name}` is a struct",
            "name arrays and numbers that are parameters themselves",
        )
    if attribute is not None and parameter.kind in (CONSTEXPR, SCALAR):
        kind = "a constexpr" if parameter.kind == CONSTEXPR else "a number"
        raise CompileError(f"{what}: `{name}` is {kind}", f"write {name!r} for its value")
    if axis is not None and parameter.kind in (ARRAY, POINTER):
        match parameter.type:
            case Array(_, extents) if not -len(extents) <= axis < len(extents):
                raise CompileError(f"{what}: `{name}` has {len(extents)} axes")
