"""Prints histograms: elements take turns at several copies of the counts, which are then summed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tilewright.dsl.types import Dtype, i32

from ..planning.steps import (
    View,
    itemsize_of,
)
from .emit_scalar import Scalars
from .steps import (
    Count,
)
from .writer import Val

WORD: Final = 8  # bytes that are read at once


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
        """Elements are read a word at a time: each takes its turn at the next copy."""
        size, copies = self.step.op.x.tile.size, self.step.copies
        per_word = WORD // self.step.op.x.tile.dtype.itemsize
        at_once = max(per_word, copies)
        whole = size // at_once * at_once

        def body(i: Val, _: list[Val]) -> list[Val]:
            for first in range(0, at_once, per_word):
                place = self.writer.put(f"add i64 {i.text}, {first}", "i64", 0)
                for n, key in enumerate(self._keys(place, per_word)):
                    self._count_one(key, (first + n) % copies)
            return []

        if whole:
            self.writer.loop("0", str(whole), str(at_once), [], body, at_least_once=True)
        for n in range(whole, size):
            (key,) = self._keys(Val(str(n), "i64", 0, self.writer.level), 1)
            self._count_one(key, (n - whole) % copies)

    def _keys(self, place: Val, count: int) -> list[Val]:
        """Neighbouring elements in 64 bits, one or a word full of them."""
        writer, dtype = self.writer, self.step.op.x.tile.dtype
        address = self.accesses.address(self.source, place, dtype, writer.level)
        if count == 1:
            x = self.accesses.load_at(address, dtype, None, None)
            return [self.accesses.widened(x, dtype)]
        bits = 8 * dtype.itemsize
        word = writer.put(f"load i64, {address}, align {dtype.itemsize}", "i64", 0)
        keys = []
        for n in range(count):
            if dtype.is_signed:  # to the upper end, and back with its sign
                up = writer.put(f"shl i64 {word.text}, {WORD * 8 - (n + 1) * bits}", "i64", 0)
                keys.append(writer.put(f"ashr i64 {up.text}, {WORD * 8 - bits}", "i64", 0))
            else:
                down = writer.put(f"lshr i64 {word.text}, {n * bits}", "i64", 0)
                keys.append(writer.put(f"and i64 {down.text}, {(1 << bits) - 1}", "i64", 0))
        return keys

    def _count_one(self, key: Val, copy: int) -> None:
        writer, dtype, level = self.writer, self.step.op.x.tile.dtype, self.writer.level
        slot = key
        if dtype.is_signed or self.bins < 1 << 8 * dtype.itemsize:
            inside = writer.put(f"icmp ult i64 {key.text}, {self.bins}", "i1", 0)
            slot = writer.put(f"select {inside}, i64 {key.text}, i64 {self.bins}", "i64", 0)
        counter = self.accesses.address(self._copy(copy), slot, i32, level)
        before = writer.put(f"load i32, {counter}, align 4", "i32", 0)
        after = writer.put(f"add i32 {before.text}, 1", "i32", 0)
        writer.add(f"store {after}, {counter}, align 4")
