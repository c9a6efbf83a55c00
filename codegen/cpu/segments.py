"""In how many pieces at once a loop runs through what it reads.

The hardware fetches ahead within a page of memory: one long run through an array waits at every
page, several pieces of it do not. Loops that write gain nothing by it, or lose.
"""

from __future__ import annotations

from math import prod
from typing import Final

from tilewright.dsl import ir

from ..analysis.contiguity import Coordinates, step_along
from ..planning.coordinates import access_shape, aligned
from ..planning.state import Draft, Planning
from ..planning.steps import (
    Fold,
)

LEAST_BYTES: Final = 8192  # of a piece: two pages
MOST: Final = 4  # streams through memory at once


def segments_of(draft: Draft, planning: Planning, vector: int) -> int:
    """How many pieces: several for reductions of long runs through one or two arrays."""
    extent = draft.space[vector]
    if extent != prod(draft.space) or not all(isinstance(sink, Fold) for sink in draft.sinks):
        return 1
    streams = [(op, where) for op, where in draft.demand.loads if vector in where]
    if not streams or not all(_runs_along(op, where, vector, planning) for op, where in streams):
        return 1
    found = MOST if len(streams) == 1 else 2
    bytes_read = extent * min(op.operands[0].array.dtype.itemsize for op, _ in streams)
    while found > 1 and bytes_read < found * LEAST_BYTES:
        found //= 2
    return found


def _runs_along(op: ir.Op, where: Coordinates, vector: int, planning: Planning) -> bool:
    """Whether a load reads one element after another along the vector axis."""
    match op:
        case ir.Load(source, position):
            steps = [
                step_along(x, aligned(x, where, access_shape(op)), vector, planning.narrow)
                for x in position
            ]
            moving = [axis for axis, step in enumerate(steps) if step != 0]
            return moving == [source.array.unit_axis] and steps[moving[0]] == 1
        case _:
            return False
