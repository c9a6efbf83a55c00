"""Which stores go past the caches, where a launch writes more than these hold.

A store to a line that is not in a cache reads the line first. Who writes whole lines that nobody
reads soon saves that: a third of the traffic of `out = a * x + y`.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir

from ..analysis.memory import root_of
from ..planning.state import Draft, Planning
from ..planning.steps import (
    Effect,
    Keep,
    Running,
)
from .steps import (
    LINE,
)

# A row shares lines with others at its ends, which are written element by element: it must be long
# beside these, in lines and, the more of them fit a line, in elements.
LEAST_BYTES: Final = 1024
LEAST_ELEMENTS: Final = 4096  # of one byte, half as many of two


def streams_of(
    draft: Draft, planning: Planning, extent: int, in_lines: bool
) -> tuple[ir.Store, ...]:
    """The stores of a loop that may; `extent` is that of its vector axis.

    Blocks are written `in_lines`: none is shared with others.
    """
    if planning.machine.vector_bytes < 32 or draft.demand.has_region:
        return ()
    found = []
    for sink in draft.sinks:
        match sink:
            case Effect(ir.Store(mask=None) as op) if op.value.tile.shape == draft.space:
                dtype = op.value.tile.dtype
                size = extent * dtype.itemsize
                least = max(LEAST_BYTES, LEAST_ELEMENTS // dtype.itemsize)
                is_long = size >= (LINE if in_lines else least)
                if is_long and not dtype.is_bool and root_of(op.source) in planning.only_stored:
                    found.append(op)
            case Effect(ir.Store()) | Keep() | Running():
                pass
            case _:
                return ()
    return tuple(found)
