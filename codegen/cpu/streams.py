"""Which stores go past the caches, where a launch writes more than these hold.

A store to a line that is not in a cache reads the line first. Who writes whole lines that nobody
reads soon saves that: a third of the traffic of `out = a * x + y`.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir

from ..analysis.memory import root_of
from .planning import Draft, Planning
from .steps import Effect, Keep

LEAST_BYTES: Final = 1024  # of a row: shorter ones have too many lines that two programs share


def streams_of(draft: Draft, planning: Planning, extent: int) -> tuple[ir.Store, ...]:
    """The stores of a loop that may; `extent` is that of its vector axis."""
    if planning.machine.vector_bytes < 32 or draft.demand.has_region:
        return ()
    found = []
    for sink in draft.sinks:
        match sink:
            case Effect(ir.Store(mask=None) as op) if op.value.tile.shape == draft.space:
                dtype = op.value.tile.dtype
                is_long = extent * dtype.itemsize >= LEAST_BYTES
                if is_long and not dtype.is_bool and root_of(op.source) in planning.only_stored:
                    found.append(op)
            case Effect(ir.Store()) | Keep():
                pass
            case _:
                return ()
    return tuple(found)
