"""Prints histograms: elements take turns at several copies of the counts, which are then summed."""

from __future__ import annotations

from collections.abc import Callable

from tilewright.dsl.types import Dtype, i32

from .emit_scalar import Scalars
from .steps import Count, View, itemsize_of
from .writer import Val


def emit_histogram(scalars: Scalars, step: Count) -> None:
    """Print one histogram."""
    _Histogram(scalars, step).run()


class _Histogram:
    """One histogram being printed."""

    def __init__(self, scalars: Scalars, step: Count) -> None:
        self.writer = scalars.writer
        self.accesses = scalars.accesses
        self.step = step
        self.bins = step.op.bins
        self.stride = self.bins + 1
        self.source = self._at(step.source, step.op.x.tile.dtype)
        self.target = self._at(step.view, i32)
        self.work = self.accesses.scratch_address(step.work.offset)

    def run(self) -> None:
        """Clear all copies, count, and add the copies up."""
        lanes = max(self.writer.machine.vector_bytes // 4, 1)
        self._vectors(self.step.copies * self.stride, lanes, self._clear)
        self._count()
        self._vectors(self.bins, lanes, self._sum)

    def _at(self, view: View, dtype: Dtype) -> Val:
        return self.accesses.scratch_address(view.buffer.offset + view.offset * itemsize_of(dtype))

    def _vectors(self, count: int, lanes: int, write: Callable[[Val, int], None]) -> None:
        """Whole vectors, then what is left of one."""

        def body(i: Val, _: list[Val]) -> list[Val]:
            write(i, lanes)
            return []

        whole = count // lanes * lanes
        if whole:
            self.writer.loop("0", str(whole), str(lanes), [], body, at_least_once=True)
        if count > whole:
            write(Val(str(whole), "i64", 0, self.writer.level), count - whole)

    def _clear(self, i: Val, lanes: int) -> None:
        zeros = Val("zeroinitializer", "i32", lanes, self.writer.level)
        address = self.accesses.address(self.work, i, i32, self.writer.level)
        self.accesses.store_vector(address, zeros, i32, None, self.writer.level)

    def _sum(self, i: Val, lanes: int) -> None:
        level = self.writer.level
        total: Val | None = None
        for copy in range(self.step.copies):
            place = self.accesses.address(self._copy(copy), i, i32, level)
            x = self.accesses.load_vector(place, i32, lanes, None, None, level)
            total = x if total is None else self.writer.put(f"add {total}, {x.text}", "i32", lanes)
        assert total is not None
        address = self.accesses.address(self.target, i, i32, level)
        self.accesses.store_vector(address, total, i32, None, level)

    def _copy(self, n: int) -> Val:
        offset = Val(str(n * self.stride), "i64", 0, self.writer.level)
        return self.accesses.address(self.work, offset, i32, self.writer.level)

    def _count(self) -> None:
        size, copies = self.step.op.x.tile.size, self.step.copies
        whole = size // copies * copies

        def body(i: Val, _: list[Val]) -> list[Val]:
            for n in range(copies):
                place = self.writer.put(f"add i64 {i.text}, {n}", "i64", 0)
                self._count_one(place, n)
            return []

        self.writer.loop("0", str(whole), str(copies), [], body, at_least_once=True)
        for n in range(whole, size):
            self._count_one(Val(str(n), "i64", 0, self.writer.level), n - whole)

    def _count_one(self, place: Val, copy: int) -> None:
        writer, dtype, level = self.writer, self.step.op.x.tile.dtype, self.writer.level
        address = self.accesses.address(self.source, place, dtype, level)
        x = self.accesses.load_at(address, dtype, None, None)
        x = self.accesses.widened(x, dtype)
        inside = writer.put(f"icmp ult i64 {x.text}, {self.bins}", "i1", 0)
        slot = writer.put(f"select {inside}, i64 {x.text}, i64 {self.bins}", "i64", 0)
        counter = self.accesses.address(self._copy(copy), slot, i32, level)
        before = writer.put(f"load i32, {counter}, align 4", "i32", 0)
        after = writer.put(f"add i32 {before.text}, 1", "i32", 0)
        writer.add(f"store {after}, {counter}, align 4")
