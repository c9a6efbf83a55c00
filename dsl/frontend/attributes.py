"""What `x.shape`, `v.T`, `tw.exp` and `v.sum` mean: attributes of arrays, tiles and modules."""

from __future__ import annotations

import ast
from enum import Enum
from types import ModuleType
from typing import Final

from .. import ir
from ..builtins import Builtin, find_method, transpose
from ..builtins.arithmetic import binary
from ..errors import CompileError
from ..types import Array, Dtype
from .lanes import refuse_reshaping
from .merge import Thing
from .scope import Lowering, describe_thing, usable


class BoundMethod:
    """`v.sum` before it is called: a builtin whose first argument is known."""

    __slots__ = ("builtin", "receiver")
    __match_args__ = ("builtin", "receiver")

    def __init__(self, builtin: Builtin, receiver: Thing) -> None:
        self.builtin = builtin
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
        if _has_fields(base) and not name.startswith("_") and hasattr(base, name):
            return usable(getattr(base, name), f"`{ast.unparse(node)}`")
        if isinstance(base, type) and not name.startswith("_"):
            return self.lowering.capture_attribute(base, _path(node.value), name)
        raise CompileError(f"{describe_thing(base)} has no attribute `{name}`")

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
            raise CompileError(f"{describe_thing(value)} has no attribute `{name}`")
        return BoundMethod(method, value)


def extent_or_stride(builder: ir.Builder, array: ir.Value, name: str, axis: int) -> Thing:
    """One item of `x.shape` or `x.strides`: a constant where the type of the array fixes it."""
    kind = array.array
    if name == "strides":
        return 1 if axis == kind.unit_axis else builder.add(ir.Stride(array, axis))
    fixed = kind.extents[axis]
    return builder.add(ir.Extent(array, axis)) if fixed is None else fixed


_ARRAY_ATTRIBUTES: Final = "`shape strides ndim dtype size ptr`"


def _path(node: ast.expr) -> str:
    """A dotted name as written."""
    return node.id if isinstance(node, ast.Name) else ast.unparse(node)


def _has_fields(thing: Thing) -> bool:
    """Whether something is a record: a NamedTuple, a dataclass or a member of an enumeration."""
    kind = type(thing)
    if isinstance(thing, Enum) or hasattr(kind, "__dataclass_fields__"):
        return True
    return isinstance(thing, tuple) and hasattr(kind, "_fields")
