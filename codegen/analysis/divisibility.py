"""Which powers of two divide an integer, at the elements where a run of neighbours may begin."""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import Array

from .contiguity import Coordinates, through_broadcast, through_unit_reshape

MOST: Final = 16  # what the facts `aligned` and `even` promise; more is never asked for


def divisor_of(value: ir.Value, where: Coordinates, along: int | None) -> int:
    """The greatest power of two, up to 16, known to divide a value.

    It is read at coordinates where the loop dimension `along` is a multiple of 16; what is known of
    an element with any other position is no more than 1.
    """
    match value:
        case ir.Const(int(number)):
            return _lowest_bit(number)
        case ir.Iota(axis=axis, start=start):
            if where[axis] is None:
                return _lowest_bit(start)
            return _lowest_bit(start) if where[axis] == along else 1
        case ir.Broadcast(x):
            return divisor_of(x, through_broadcast(x, where, value.shape), along)
        case ir.Reshape(x):
            inner = through_unit_reshape(x.shape, value.shape, where)
            return 1 if inner is None else divisor_of(x, inner, along)
        case ir.Cast(x) if x.tile.dtype.is_integer and value.tile.dtype.is_integer:
            return divisor_of(x, where, along)
        case ir.Binary("add" | "sub", left, right):
            return min(divisor_of(left, where, along), divisor_of(right, where, along))
        case ir.Binary("mul", left, right):
            product = divisor_of(left, where, along) * divisor_of(right, where, along)
            return min(MOST, product)
        case ir.Extent(source):
            return MOST if _array(source).even else 1
        case ir.Stride(source, axis):
            array = _array(source)
            is_fact = array.aligned and axis != array.unit_axis
            return max(1, MOST // array.dtype.itemsize) if is_fact else 1
        case _:
            return 1


def _array(source: ir.Value) -> Array:
    return source.array


def _lowest_bit(number: int) -> int:
    return min(MOST, number & -number) if number else MOST
