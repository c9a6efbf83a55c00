"""How a loop touches arrays: which accesses take several neighbours in one instruction."""

from __future__ import annotations

from tilewright.dsl import ir

from ..analysis.contiguity import Coordinates, step_along
from ..analysis.divisibility import Divisors
from ..planning.coordinates import aligned

# A thread moves so many bytes at most in one instruction.
WIDEST = 16


def vector_of(
    op: ir.Load | ir.Store,
    where: Coordinates,
    shape: tuple[int, ...],
    along: int,
    narrow: bool,
    divisors: Divisors,
) -> int:
    """How many neighbours along a loop dimension an access may take at once; 1 if it may not.

    They lie side by side in memory, and the first at a multiple of their size.
    """
    array = op.source.array
    axis = array.unit_axis
    if axis is None or not array.aligned or along not in where:
        return 1
    most = WIDEST // array.dtype.itemsize
    for k, position in enumerate(op.position):
        place = aligned(position, where, shape)
        step = step_along(position, place, along, narrow)
        if step != (1 if k == axis else 0):
            return 1
        if k == axis:
            most = min(most, divisors.of(position, place, along))
    return most
