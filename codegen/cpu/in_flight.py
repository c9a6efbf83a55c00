"""How many vectors run through the lane loops of a region at once, so that they hide latency.

A round of such a loop waits for the one before it. Vectors of several registers would do as well,
but their masks, a bit for each lane, are packed and unpacked again where registers are that wide.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import Tile

from ..analysis.lanewise import ELEMENTWISE
from ..planning.state import Draft
from ..planning.steps import (
    Effect,
    Keep,
)
from ..planning.walks import walk_op
from ..target import Machine

# Lanes that leave early wait for the slowest of all: with more of them, that costs what is won.
MOST_LANES: Final = 16
MOST: Final = 4


def vectors_in_flight(draft: Draft, machine: Machine, register: int, vector: int) -> int:
    """Several where all regions are loops whose values fit into the registers that often.

    Where masks have registers of their own, vectors may as well be of several registers.
    """
    if machine.has_mask_registers:
        return 1
    regions: list[ir.While] = []
    for sink in draft.sinks:
        match sink:
            case Effect(ir.While(lanes=True) as op):
                regions.append(op)
            case Keep() | Effect(ir.Store() | ir.StorePointer()):
                pass
            case _:
                return 1
    if not regions or not all(_is_simple(op, draft.space[vector]) for op in regions):
        return 1
    own = max(_registers(op)[0] for op in regions)
    shared = max(_registers(op)[1] for op in regions)
    found = min(max(MOST_LANES // register, 2), MOST)
    while found > 1 and (
        draft.space[vector] % (register * found) or found * own + shared > machine.vector_registers
    ):
        found //= 2
    return found


def _is_simple(region: ir.While, extent: int) -> bool:
    """Whether a loop only computes and loads, with a value in each lane of all that varies."""
    for op in walk_op(region):
        if not isinstance(op, (*ELEMENTWISE, ir.If, ir.While, ir.For, ir.Yield)):
            return False
        results = op.results if op.blocks else ()
        if any(value.tile.shape and value.tile.shape[-1] != extent for value in results):
            return False
    return True


def _registers(region: ir.While) -> tuple[int, int]:
    """How many vectors a round needs at most, each with its own, and of those that all share."""
    outside = {x for x in ir.free_values(region.body) if _is_vector(x)}
    shared = {x for x in outside if _is_shared(x)}
    splats = [x for x in shared if isinstance(x, ir.Broadcast)]
    return _peak(region.body, outside - shared), len(splats)


def _peak(block: ir.Block, live: set[ir.Value]) -> int:
    """The most vectors that live at once in a block, beside those that live behind it."""
    live = set(live)
    most = 0
    for op in reversed(block.ops):
        live.difference_update(op.results)
        live.update(value for value in op.operands if _is_vector(value) and not _is_shared(value))
        most = max(most, len(live), *(_peak(inner, live) for inner in op.blocks))
    return most


def _is_vector(value: ir.Value) -> bool:
    return isinstance(value.type, Tile) and bool(value.tile.shape)


def _is_shared(value: ir.Value) -> bool:
    return isinstance(value, ir.Const | ir.Broadcast)
