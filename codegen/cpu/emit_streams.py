"""Asks whether the stores of a loop may go past the caches: they pay, and begin at a line."""

from __future__ import annotations

from math import prod

from .emit_access import STREAM_ALIGNMENT
from .emit_values import Values
from .layout import identity
from .loop_state import LoopState
from .steps import LINE
from .writer import Val


class Streams:
    """The streams of one loop being printed."""

    def __init__(self, state: LoopState, values: Values) -> None:
        self.state = state
        self.loop = state.loop
        self.writer = state.writer
        self.values = values

    def starts(self) -> list[Val] | None:
        """Where the loop's streams begin; None where there are none, or they have gaps."""
        itemsizes = [op.value.tile.dtype.itemsize for op in self.loop.streams]
        if any(self.loop.lanes * itemsize % STREAM_ALIGNMENT for itemsize in itemsizes):
            return None
        whole = identity(self.loop.space)
        starts = [self.values.arrays.start(op, whole) for op in self.loop.streams]
        found = [start for start in starts if start is not None]
        return found if found and len(found) == len(starts) else None

    def pay(self) -> Val:
        """Whether the launch writes more than the caches hold."""
        writer = self.writer
        size = sum(
            prod(op.value.tile.shape) * op.value.tile.dtype.itemsize for op in self.loop.streams
        )
        total = Val(str(size), "i64", 0, writer.level)
        for extent in self.state.scalars.grid:
            total = writer.put(f"mul i64 {total.text}, {extent.text}", "i64", 0)
        least = self.state.scalars.stream_bytes()
        return writer.put(f"icmp uge i64 {total.text}, {least.text}", "i1", 0)

    def begin_aligned(self, result: Val, starts: list[Val], alignment: int) -> Val:
        """A condition, and that streams begin at multiples of an alignment."""
        writer = self.writer
        for start in starts:
            bits = writer.put(f"ptrtoint {start} to i64", "i64", 0)
            rest = writer.put(f"and i64 {bits.text}, {alignment - 1}", "i64", 0)
            aligned = writer.put(f"icmp eq i64 {rest.text}, 0", "i1", 0)
            result = writer.put(f"and i1 {result.text}, {aligned.text}", "i1", 0)
        return result

    def begin_alike(self, result: Val, starts: list[Val]) -> Val:
        """A condition, and that streams begin at the same place of a line."""
        writer = self.writer
        first, *others = [writer.put(f"ptrtoint {start} to i64", "i64", 0) for start in starts]
        for other in others:
            apart = writer.put(f"sub i64 {other.text}, {first.text}", "i64", 0)
            rest = writer.put(f"and i64 {apart.text}, {LINE - 1}", "i64", 0)
            alike = writer.put(f"icmp eq i64 {rest.text}, 0", "i1", 0)
            result = writer.put(f"and i1 {result.text}, {alike.text}", "i1", 0)
        return result
