"""Asks whether the stores of a loop may go past the caches: they pay, and begin at a line."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from ..planning.coordinates import identity
from .emit_access import STREAM_ALIGNMENT
from .emit_values import Values
from .loop_state import LoopState
from .steps import (
    LINE,
)
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
        return self._all_multiples(result, map(self._bits, starts), alignment)

    def begin_alike(self, result: Val, starts: list[Val]) -> Val:
        """A condition, and that streams begin at the same place of a line."""
        first, *others = map(self._bits, starts)
        apart = (
            self.writer.put(f"sub i64 {other.text}, {first.text}", "i64", 0) for other in others
        )
        return self._all_multiples(result, apart, LINE)

    def _bits(self, start: Val) -> Val:
        return self.writer.put(f"ptrtoint {start} to i64", "i64", 0)

    def _all_multiples(self, result: Val, numbers: Iterable[Val], of: int) -> Val:
        """A condition, and that numbers are multiples of a power of two."""
        for number in numbers:
            rest = self.writer.put(f"and i64 {number.text}, {of - 1}", "i64", 0)
            even = self.writer.put(f"icmp eq i64 {rest.text}, 0", "i1", 0)
            result = self.writer.put(f"and i1 {result.text}, {even.text}", "i1", 0)
        return result
