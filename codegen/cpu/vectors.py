"""How wide the vectors of a loop are, along which axis they lie, and what limits its interior."""

from __future__ import annotations

from collections.abc import Iterator

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype, Tile, index

from ..analysis.contiguity import Coordinates
from ..planning.coordinates import identity
from ..planning.state import Draft, Planning, Scope
from ..planning.steps import (
    Effect,
    Keep,
    Step,
)
from ..target import Machine
from .blocks import blocks_of, lanes_of, order_of
from .in_flight import vectors_in_flight
from .segments import segments_of
from .steps import (
    LINE,
    Loop,
)
from .streams import streams_of

# Bodies of more operations than this have independent chains of their own, and few registers left.
LONG_BODY = 12


def finished(scope: Scope, planning: Planning) -> tuple[Step, ...]:
    """The steps of a block that takes in no more."""
    return tuple(
        _finish(step, planning) if isinstance(step, Draft) else step
        for step in scope.steps
        if step is not None
    )


def _finish(draft: Draft, planning: Planning) -> Loop:
    """Make a loop of a draft that takes in no more sinks."""
    machine = planning.machine
    order, vector = order_of(draft, planning)
    extent = draft.space[vector]
    register = max(1, machine.vector_bytes * 8 // _widest(draft))
    is_long = _is_long(draft)
    blocks = blocks_of(draft, planning, vector)
    panel = min((p for p in map(_panel, draft.sinks) if p), default=0)
    streams: tuple[ir.Store, ...]
    if panel:
        streams = ()  # lines of what is stored begin anywhere in a panel, and reach into the next
    elif blocks is None:
        streams = streams_of(draft, planning, extent, in_lines=False)
    elif is_long or blocks.rows * LINE > machine.vector_registers * machine.vector_bytes:
        streams = ()  # blocks of whole lines would not stay in registers
    else:
        streams = streams_of(draft, planning, extent, in_lines=True)
    chains = _chains(draft, machine, is_long)
    while chains > 1 and register * chains > extent:
        chains //= 2
    lanes = min(register * chains, extent)
    if blocks is not None:
        # Past the caches go whole lines.
        whole_line = max((LINE // op.value.tile.dtype.itemsize for op in streams), default=1)
        lanes = lanes_of(blocks, extent, max(register, whole_line))
    # It divides `lanes`: an edge begins where any vector may.
    edge_lanes = min(register, lanes)
    if panel:
        # A vector must not reach into the next panel.
        lanes = panel if panel <= extent else edge_lanes
    in_flight = (
        1 if panel or blocks is not None else vectors_in_flight(draft, machine, register, vector)
    )
    if in_flight > 1:
        lanes = register
    return Loop(
        space=draft.space,
        order=order,
        vector=vector,
        lanes=lanes,
        edge_lanes=edge_lanes,
        sinks=tuple(draft.sinks),
        guards=tuple(dict.fromkeys(_guards(draft))),
        reads=draft.demand.sources,
        streams=streams,
        segments=1 if is_long else segments_of(draft, planning, vector),
        is_long=is_long,
        in_flight=in_flight,
        blocks=blocks,
    )


def _widest(draft: Draft) -> int:
    """The bits of the widest elements that a loop computes with."""
    bits = 8
    for op in draft.demand.ops:
        for value in (*op.results, *op.operands):
            match value.type:
                case Tile(dtype, shape) if shape and _counts(dtype):
                    bits = max(bits, dtype.bits)
    for sink in draft.sinks:
        for value in (sink.value,) if isinstance(sink, Keep) else sink.op.operands:
            match value.type:
                case Tile(dtype) if _counts(dtype):
                    bits = max(bits, dtype.bits)
    return bits


def _counts(dtype: Dtype) -> bool:
    """Whether a dtype narrows the vectors of a loop: indices are mostly not computed as vectors."""
    return dtype is not index and not dtype.is_pointer


def _chains(draft: Draft, machine: Machine, is_long: bool) -> int:
    """How many registers make a vector: independent chains hide latency."""
    if any(isinstance(sink, Effect) and isinstance(sink.op, ir.Atomic) for sink in draft.sinks):
        return 1  # lanes act one by one: what they act on had better still be in registers
    if draft.demand.has_region:
        # Rounds overlap of themselves, and what lives across them fills the registers.
        return 4 if machine.vector_registers > 16 else 1
    return 2 if is_long else 4


def _is_long(draft: Draft) -> bool:
    """Whether a loop computes much for each element."""
    free = (ir.Broadcast, ir.Reshape, ir.Const, ir.Iota)
    return LONG_BODY < sum(1 for op in dict.fromkeys(draft.demand.ops) if not isinstance(op, free))


def _panel(sink: object) -> int:
    match sink:
        case Keep(view=view):
            return view.panel
        case _:
            return 0


def _guards(draft: Draft) -> Iterator[tuple[ir.Load | ir.Store | ir.Atomic, Coordinates]]:
    """The accesses whose bounds may limit the loop.

    A sub-array taken by a region inside the loop has no bounds yet where the limits are found.
    """
    taken = {op for op in draft.demand.ops if isinstance(op, ir.SubArray)}
    for op, where in draft.demand.loads:
        match op:
            case ir.Load(source) if source not in taken:
                yield op, where
    for sink in draft.sinks:
        match sink:
            case Effect((ir.Store() | ir.Atomic()) as op):
                yield op, identity(draft.space)
