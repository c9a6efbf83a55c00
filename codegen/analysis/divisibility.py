"""Which powers of two divide an integer, at the elements where a run of neighbours may begin."""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir

from .contiguity import Coordinates, through_broadcast, through_unit_reshape

MOST: Final = 16  # what the facts `aligned` and `even` promise; more is never asked for


class Divisors:
    """Powers of two, up to 16, that divide the integers of one function."""

    def __init__(self, function: ir.Function) -> None:
        self._loops = {
            op.body.parameters[0]: op for op in ir.walk(function.body) if isinstance(op, ir.For)
        }

    def of(self, value: ir.Value, where: Coordinates, along: int | None) -> int:
        """The greatest known to divide a value that is read at coordinates.

        Along the loop dimension `along` these are multiples of 16; what is known of an element at
        any other position is no more than 1.
        """
        match value:
            case ir.Const(int(number)):
                return _lowest_bit(number)
            case ir.Parameter() if value in self._loops:
                op = self._loops[value]
                return min(self.of(op.start, (), None), self.of(op.step, (), None))
            case ir.Iota(axis=axis, start=start):
                if where[axis] is None:
                    return _lowest_bit(start)
                return _lowest_bit(start) if where[axis] == along else 1
            case ir.Broadcast(x):
                return self.of(x, through_broadcast(x, where, value.shape), along)
            case ir.Reshape(x):
                inner = through_unit_reshape(x.shape, value.shape, where)
                return 1 if inner is None else self.of(x, inner, along)
            case ir.Cast(x) if x.tile.dtype.is_integer and value.tile.dtype.is_integer:
                return self.of(x, where, along)
            case ir.Binary("add" | "sub", left, right):
                return min(self.of(left, where, along), self.of(right, where, along))
            case ir.Binary("mul", left, right):
                return min(MOST, self.of(left, where, along) * self.of(right, where, along))
            case ir.Extent(source):
                return MOST if source.array.even else 1
            case ir.Stride(source, axis):
                array = source.array
                is_fact = array.aligned and axis != array.unit_axis
                return max(1, MOST // array.dtype.itemsize) if is_fact else 1
            case _:
                return 1


def _lowest_bit(number: int) -> int:
    return min(MOST, number & -number) if number else MOST
