"""What `x.shape`, `v.T`, `tw.exp` and `v.sum` mean: attributes of arrays, tiles and modules."""

from __future__ import annotations

import ast
from enum import Enum
from types import ModuleType
from typing import Final

from .. import ir
from ..builtins import Builtin, find_method, transpose
from ..builtins.arithmetic import as_value, binary
from ..builtins.structs import replace
from ..builtins.table import METHODS, PUBLIC
from ..definition import Func
from ..errors import CompileError, did_you_mean
from ..records import is_record
from ..structs import class_of, field_names, is_struct, items_of
from ..types import Array, Dtype, IndexNumber
from .lanes import refuse_reshaping
from .merge import Thing, Weak
from .scope import Lowering, Made, describe_thing, usable


class BoundMethod(Made):
    """`v.sum` before it is called: a builtin whose first argument is known."""

    __slots__ = ("builtin", "receiver")
    __match_args__ = ("builtin", "receiver")

    def __init__(self, builtin: Builtin, receiver: Thing) -> None:
        self.builtin = builtin
        self.receiver = receiver


class BoundFunction(Made):
    """A `@tw.func` found in the class of a struct: its first argument is the struct."""

    __slots__ = ("function", "receiver")
    __match_args__ = ("function", "receiver")

    def __init__(self, function: Func[..., object], receiver: Thing) -> None:
        self.function = function
        self.receiver = receiver


class Attributes:
    """Evaluates attributes."""

    def __init__(self, lowering: Lowering) -> None:
        self.lowering = lowering

    def evaluate(self, node: ast.Attribute) -> Thing:
        """The worth of `base.name`."""
        base = self.lowering.evaluate(node.value)
        name = node.attr
        match base:
            case ModuleType():
                return self.lowering.capture_attribute(base, _path(node.value), name)
            case ir.Value():
                if isinstance(base.type, Array):
                    return self._of_array(base, name)
                return self._of_tile(base, name)
            case Dtype() if not name.startswith("_") and hasattr(base, name):
                return usable(getattr(base, name), f"`{ast.unparse(node)}`")
            case bool() | int() | float() if not isinstance(base, Enum):
                method = find_method(name)
                if method is not None:
                    return BoundMethod(method, base)
                if isinstance(base, IndexNumber):
                    return self._of_tile(as_value(self.lowering.builder, base), name)
        if is_struct(base):
            return self._of_struct(node, base)
        if _has_fields(base) and not name.startswith("_") and hasattr(base, name):
            return usable(getattr(base, name), f"`{ast.unparse(node)}`")
        if isinstance(base, type) and not name.startswith("_"):
            return self.lowering.capture_attribute(base, _path(node.value), name)
        raise CompileError(f"{describe_thing(base)} has no attribute `{name}`")

    def _of_struct(self, node: ast.Attribute, struct: Thing) -> Thing:
        """A field; `_replace` and `_fields` of a NamedTuple; a method under `@tw.func`."""
        kind, name = class_of(struct), node.attr
        names = field_names(kind)
        if names is None:
            raise CompileError(
                f"a tuple has no attribute `{name}`",
                "its fields have no names: index it, or pass a NamedTuple (a kernel that is given "
                "a signature text learns of it from the annotation of the parameter)",
            )
        if name in names:
            return usable(getattr(struct, name), f"`{ast.unparse(node)}`")
        if name == "_fields" and isinstance(struct, tuple):
            return names
        if name == "_replace" and isinstance(struct, tuple):
            return BoundMethod(replace, struct)
        member: object = None if name.startswith("_") else getattr(kind, name, None)
        if isinstance(member, Func):
            return BoundFunction(member, struct)
        if member is not None and not has_parts(struct):
            return usable(getattr(struct, name), f"`{ast.unparse(node)}`")
        note = did_you_mean(name, names, "v.") or f"it has {', '.join(names) or 'no fields'}"
        if member is not None:
            note = "methods and properties are called in kernels only under `@tw.func`"
        raise CompileError(f"{describe_thing(struct)} has no field `{name}`", note)

    def _of_array(self, array: ir.Value, name: str) -> Thing:
        kind, builder = array.array, self.lowering.builder
        match name:
            case "shape" | "strides":
                return tuple([extent_or_stride(builder, array, name, k) for k in range(kind.rank)])
            case "ndim":
                return kind.rank
            case "dtype":
                return kind.dtype
            case "ptr":
                return builder.add(ir.Address(array))
            case "size":
                size: Thing = 1
                for axis in range(kind.rank):
                    extent = extent_or_stride(builder, array, "shape", axis)
                    size = binary(builder, "mul", size, extent) if axis else extent
                return size
        raise CompileError(
            f"{describe_thing(array)} has no attribute `{name}`",
            f"an array has {_ARRAY_ATTRIBUTES}; read a part of it for more: `x[i]`",
        )

    def _of_tile(self, value: ir.Value, name: str) -> Thing:
        tile = value.tile
        match name:
            case "shape":
                return tile.shape
            case "ndim":
                return tile.rank
            case "dtype":
                return tile.dtype
            case "size":
                return tile.size
            case "T":
                if tile.rank > 1:
                    refuse_reshaping(self.lowering, "`.T`")
                return transpose(self.lowering.builder, value)
        method = find_method(name)
        if method is None:
            note = (
                _SPELLED.get(name)
                or (f"write `tw.{PUBLIC[name].signature}`" if name in PUBLIC else None)
                or did_you_mean(name, (*METHODS, *_TILE_ATTRIBUTES), "v.")
                or f"a tile has `{' '.join(_TILE_ATTRIBUTES)}` and the methods of the reference"
            )
            raise CompileError(f"{describe_thing(value)} has no attribute `{name}`", note)
        return BoundMethod(method, value)


def extent_or_stride(builder: ir.Builder, array: ir.Value, name: str, axis: int) -> Thing:
    """One item of `x.shape` or `x.strides`: a constant where the type of the array fixes it."""
    kind = array.array
    if name == "strides":
        return IndexNumber(1) if axis == kind.unit_axis else builder.add(ir.Stride(array, axis))
    fixed = kind.extents[axis]
    return builder.add(ir.Extent(array, axis)) if fixed is None else IndexNumber(fixed)


_ARRAY_ATTRIBUTES: Final = "`shape strides ndim dtype size ptr`"
_TILE_ATTRIBUTES: Final = ("shape", "ndim", "dtype", "size", "T")
# What NumPy and torch call what is spelled otherwise here.
_SPELLED: Final = {
    "astype": "cast it: `v.to(tw.f32)`",
    "type": "cast it: `v.to(tw.f32)`",
    "view": "tiles have no views; `v.to(dtype)` casts, `v.reshape(shape)` gives another shape",
    "copy": "tiles are values: a copy is not needed",
    "flatten": "write `v.reshape(v.size)`",
    "ravel": "write `v.reshape(v.size)`",
    "item": "pick an element: `v[i]`",
}


def _path(node: ast.expr) -> str:
    """A dotted name as written."""
    return node.id if isinstance(node, ast.Name) else ast.unparse(node)


def has_parts(thing: Thing) -> bool:
    """Whether a struct holds what only the frontend makes, at any depth."""
    if is_struct(thing):
        return any(map(has_parts, items_of(thing)))
    return isinstance(thing, ir.Value | Weak | Made)


def _has_fields(thing: Thing) -> bool:
    """Whether something is a member of an enumeration, a dataclass or a record of ours."""
    kind = type(thing)
    return isinstance(thing, Enum) or hasattr(kind, "__dataclass_fields__") or is_record(kind)
