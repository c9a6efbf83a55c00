"""How an index tile changes from one element to the next along a loop dimension.

Coordinates say where an element of a value lies in a loop nest: per axis the loop dimension that it
follows, or None for an axis that stays at position 0.
"""

from __future__ import annotations

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype, i32, i64, index, u32

Coordinates = tuple[int | None, ...]


def step_along(
    value: ir.Value, coordinates: Coordinates, dimension: int, narrow: bool
) -> int | None:
    """The constant difference between neighbours along a dimension; None if it is not known.

    A 32-bit index may wrap; only where 32-bit offsets suffice (`narrow`) can that not be told apart
    from a position that lies outside.
    """
    if dimension not in coordinates:
        return 0
    if not _is_exact(value.tile.dtype, narrow):
        return None
    match value:
        case ir.Const():
            return 0
        case ir.Iota(_, axis):
            return 1 if coordinates[axis] == dimension else 0
        case ir.Broadcast(x):
            return step_along(x, through_broadcast(x, coordinates, value.shape), dimension, narrow)
        case ir.Reshape(x):
            inner = through_unit_reshape(x.shape, value.shape, coordinates)
            return None if inner is None else step_along(x, inner, dimension, narrow)
        case ir.Cast(x, _) if x.tile.dtype.is_integer:
            return step_along(x, coordinates, dimension, narrow)
        case ir.Binary("add" | "sub" as kind, left, right):
            a = step_along(left, coordinates, dimension, narrow)
            b = step_along(right, coordinates, dimension, narrow)
            if a is None or b is None:
                return None
            return a + b if kind == "add" else a - b
        case ir.Binary("mul", left, right):
            a = step_along(left, coordinates, dimension, narrow)
            factor = constant_of(right)
            if a is None:
                return None
            if factor is not None:
                return a * factor
            return 0 if a == 0 and step_along(right, coordinates, dimension, narrow) == 0 else None
        case ir.Op() as op if op.effect is ir.Effect.PURE and op.operands:
            same = all(
                step_along(x, coordinates, dimension, narrow) == 0
                for x in op.operands
                if isinstance(x.type, type(value.type)) and x.tile.shape == value.tile.shape
            )
            elementwise = isinstance(op, (ir.Unary, ir.Binary, ir.Compare, ir.Select))
            return 0 if same and elementwise else None
        case _:
            return None


def constant_of(value: ir.Value) -> int | None:
    """The integer that a value is in every element, if it is a constant."""
    match value:
        case ir.Const(number) if isinstance(number, int) and not isinstance(number, bool):
            return number
        case ir.Broadcast(x) | ir.Cast(x, _):
            return constant_of(x)
        case _:
            return None


def through_broadcast(x: ir.Value, coordinates: Coordinates, shape: tuple[int, ...]) -> Coordinates:
    """Where the operand of a broadcast to `shape` is read."""
    skipped = len(shape) - len(x.shape)
    return tuple(
        None if extent == 1 else coordinates[skipped + axis] for axis, extent in enumerate(x.shape)
    )


def through_unit_reshape(
    inner: tuple[int, ...], outer: tuple[int, ...], coordinates: Coordinates
) -> Coordinates | None:
    """Where a reshape's operand is read, if it only adds or drops axes of extent 1."""
    kept = [coordinates[axis] for axis, extent in enumerate(outer) if extent != 1]
    if [n for n in inner if n != 1] != [n for n in outer if n != 1]:
        return None
    remaining = iter(kept)
    return tuple(None if extent == 1 else next(remaining) for extent in inner)


def _is_exact(dtype: Dtype, narrow: bool) -> bool:
    return dtype is index or dtype is i64 or (narrow and dtype is i32)


def begin_of(position: ir.Value) -> tuple[ir.Value | None, int] | None:
    """The scalar and the number that a tile of consecutive positions begins at the sum of.

    None where there are none, or where positions that wrapped might lie inside an array again.
    """
    dtype = position.tile.dtype
    if not position.tile.shape or dtype.bits < 32 or dtype is u32:
        return None
    match position:
        case ir.Iota(start=offset):
            return None, offset
        case ir.Reshape(x):
            return begin_of(x)
        case ir.Cast(x) if x.tile.dtype.is_integer and x.tile.dtype.bits <= dtype.bits:
            return begin_of(x)
        case ir.Binary("add", ir.Broadcast(x), ir.Iota(start=offset)) if not x.tile.shape:
            return x, offset
        case ir.Binary("add", ir.Iota(start=offset), ir.Broadcast(x)) if not x.tile.shape:
            return x, offset
        case _:
            return None
