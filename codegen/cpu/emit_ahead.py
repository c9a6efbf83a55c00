"""Fetches ahead what the next program, or the next short loop, will read.

The hardware fetches ahead within a page of memory, so programs that each read a row or a block
would wait for its beginning. While a program reads its tile, it asks for the same place in the
tile of the next one. Before a loop over a piece of arrays it asks for what stands behind the piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Final

from tilewright.dsl import ir

from ..analysis.contiguity import constant_of
from ..analysis.memory import is_read
from ..analysis.programs import step_by_program
from ..planning.steps import (
    itemsize_of,
)
from .emit_scalar import Scalars
from .loop_state import LoopState
from .steps import (
    LINE,
)
from .writer import Level, Val

LEAST_BYTES: Final = 2048  # of a tile: in shorter ones the hardware keeps up
MOST_BYTES: Final = 16384  # of a tile: two must fit into the first cache, beside others
# How far behind the first element of a piece: memory answers while some short pieces are read.
PIECES_BYTES: Final = 1024


class Ahead:
    """The fetches of one loop."""

    def __init__(self, state: LoopState) -> None:
        self.state = state
        self.writer = state.writer
        self.accesses = state.accesses

    def fetch(self, op: ir.Load, address: Val, level: Level) -> None:
        """Fetch ahead beside a vector of a load, in the first loop that reads the tile."""
        loop, lanes = self.state.loop, self.state.part.lanes
        itemsize = itemsize_of(op.tile.dtype)
        size = prod(op.tile.shape) * itemsize
        if not LEAST_BYTES <= size <= MOST_BYTES or lanes * itemsize < LINE:
            return
        if self.state.scalars.fetched_ahead.setdefault(op, loop) is not loop:
            return
        distance = self._distance(op)
        if distance is None:
            return
        ahead = self.accesses.address(address, distance, op.tile.dtype, level)
        for start in range(0, lanes * itemsize, LINE):
            self.accesses.fetch_line(ahead, start, level)

    def _distance(self, op: ir.Load) -> Val | None:
        """How many elements further on the next program reads; None if that is not known, or 0."""
        source = op.source
        moves = list(zip(op.position, self.accesses.array(source).strides, strict=True))
        while isinstance(source, ir.SubArray):
            strides = self.accesses.array(source.source).strides
            moves += zip(source.position, strides, strict=False)
            source = source.source
        steps = [(step_by_program(x), stride) for x, stride in moves]
        if any(step is None for step, _ in steps):
            return None
        total: Val | None = None
        for step, stride in steps:
            if step:
                level = self.state.level(stride.level)
                part = self.writer.put(f"mul i64 {stride.text}, {step}", "i64", 0, level)
                total = part if total is None else self._sum(total, part)
        return total

    def _sum(self, a: Val, b: Val) -> Val:
        return self.writer.put(f"add i64 {a.text}, {b.text}", "i64", 0, self.state.base)


def fetch_pieces(scalars: Scalars, loop: ir.For) -> None:
    """Before a loop from a place that was read from memory, fetch ahead what it reads in order.

    Such places, of rows one after another for one, tend to follow each other; where they do not, it
    is one instruction for each array and loop.
    """
    if constant_of(loop.step) != 1 or not is_read(loop.start):
        return
    accesses, level = scalars.accesses, scalars.writer.level
    body = set(ir.walk(loop.body))
    for source in dict.fromkeys(_read_in_order(loop)):
        if source in body or accesses.array(source).strides[0].text != "1":
            continue
        start = scalars.as_index(loop.start)
        place = accesses.address(accesses.array(source).pointer, start, source.array.dtype, level)
        accesses.fetch_line(place, PIECES_BYTES, level)


def _read_in_order(loop: ir.For) -> Iterator[ir.Value]:
    """The arrays of one axis that a loop without loops in it reads at its counter."""
    counter = loop.body.parameters[0]
    if any(op.blocks for op in loop.body.ops):
        return
    for op in loop.body.ops:
        match op:
            case ir.Load(source, (x,)) | ir.Load(source, (ir.Cast(x),)) if x is counter:
                yield source
            case _:
                pass
