"""Prints sorts of kept tiles: row after row, or vectors of rows, to words and back."""

from __future__ import annotations

from tilewright.dsl.types import Dtype

from ..planning.steps import (
    View,
    itemsize_of,
)
from .emit_runs import Runs
from .emit_scalar import Scalars
from .emit_zeros import Row, has_both_zeros, restore_zeros
from .networks import Record
from .sorting import WORD_DTYPES
from .spelling import splat
from .steps import (
    Arrange,
)
from .words import Words
from .writer import Val


def emit_sort(scalars: Scalars, step: Arrange) -> None:
    """Print one sort, row after row."""
    _Rows(scalars, step).run()


class _Rows:
    """One sort being printed: a loop over its rows, or over vectors of rows."""

    def __init__(self, scalars: Scalars, step: Arrange) -> None:
        self.writer = scalars.writer
        self.accesses = scalars.accesses
        self.step = step
        self.sorting = step.sorting
        self.shape = step.op.x.tile.shape
        self.axis = step.op.axis
        self.words = Words(scalars.writer, step.op, step.sorting)
        bases = [self.accesses.scratch_address(buffer.offset) for buffer in step.work]
        self.runs = Runs(self.writer, self.accesses, step.sorting, bases)
        self.loaded = WORD_DTYPES[step.op.x.tile.dtype.bits]
        self.stored = WORD_DTYPES[step.op.tile.dtype.bits]

    def run(self) -> None:
        """Loop over all axes but the sorted one."""
        others = [k for k, n in enumerate(self.shape) if k != self.axis and n > 1]
        if self.sorting.columns in others:
            others.remove(self.sorting.columns)
        source = self._start(self.step.source, self.loaded)
        self._nest(others, source, self._start(self.step.view, self.stored))

    def _start(self, view: View, dtype: Dtype) -> Val:
        return self.accesses.scratch_address(view.buffer.offset + view.offset * itemsize_of(dtype))

    def _nest(self, axes: list[int], source: Val, target: Val) -> None:
        if not axes:
            self._columns(source, target)
            return
        first, *rest = axes

        def body(i: Val, _: list[Val]) -> list[Val]:
            self._nest(rest, *self._both_moved(source, target, first, i))
            return []

        self.writer.loop("0", str(self.shape[first]), "1", [], body, at_least_once=True)

    def _columns(self, source: Val, target: Val) -> None:
        """One row, or vectors of rows; the last vector may hold some of them for a second time."""
        columns, lanes = self.sorting.columns, self.sorting.lanes
        if columns is None or self.shape[columns] == lanes:
            self._row(source, target)
            return
        extent = self.shape[columns]

        def body(i: Val, _: list[Val]) -> list[Val]:
            last = Val(str(extent - lanes), "i64", 0, self.writer.level)
            start = self.writer.call("smin", "i64", 0, [i, last])
            self._row(*self._both_moved(source, target, columns, start))
            return []

        self.writer.loop("0", str(extent), str(lanes), [], body, at_least_once=True)

    def _both_moved(self, source: Val, target: Val, axis: int, i: Val) -> tuple[Val, Val]:
        return (
            self._moved(source, i, self.step.source.strides[axis], self.loaded),
            self._moved(target, i, self.step.view.strides[axis], self.stored),
        )

    def _moved(self, start: Val, i: Val, stride: int, dtype: Dtype) -> Val:
        """The address of the i-th element behind another."""
        if i.text.isdigit():
            offset = Val(str(int(i.text) * stride), "i64", 0, self.writer.level)
        elif stride == 1:
            offset = i
        else:
            offset = self.writer.put(f"mul i64 {i.text}, {stride}", "i64", 0)
        return self.accesses.address(start, offset, dtype, self.writer.level)

    # --- one row

    def _row(self, source: Val, target: Val) -> None:
        self._read(source)
        if self.sorting.only_first:
            self.runs.select()
        else:
            self.runs.merge()
        self._write(target)
        if self.words.dtype.is_float and not self.words.has_positions:
            both = has_both_zeros(self.words, self.runs.load)
            self.writer.branch(both.text, lambda: self._restore_zeros(source, target), list)

    def _read(self, source: Val) -> None:
        """Make words of the elements, and sort them in groups."""
        sorting, extent = self.sorting, self.shape[self.axis]
        per_unit = 1 if sorting.columns is not None else sorting.lanes
        whole = extent // per_unit
        if whole == sorting.units:
            self.runs.sort_groups(lambda unit: self._encoded(source, unit, sorting.lanes))
            return

        def body(unit: Val, _: list[Val]) -> list[Val]:
            self.runs.store(unit, self._encoded(source, unit, sorting.lanes))
            return []

        if whole:
            self.writer.loop("0", str(whole), "1", [], body, at_least_once=True)
        rest = extent - whole * per_unit
        for n in range(whole, sorting.units):
            unit = self._number(n)
            if n == whole and rest:
                self.runs.store(unit, self._widened(self._encoded(source, unit, rest)))
            else:
                self.runs.store(unit, self._behind(sorting.lanes))
        self.runs.sort_groups(self.runs.load)

    def _encoded(self, source: Val, unit: Val, lanes: int) -> Record:
        """The words of a vector of elements."""
        strides = self.step.source.strides
        if self.sorting.columns is not None:
            address = self._moved(source, unit, strides[self.axis], self.loaded)
            stride, first, step = strides[self.sorting.columns], unit, 0
        else:
            first, step = self.runs.element(unit), 1
            stride = strides[self.axis]
            address = self._moved(source, first, stride, self.loaded)
        level = self.writer.level
        if stride == 1:
            x = self.accesses.load_vector(address, self.loaded, lanes, None, None, level)
        else:
            addresses = self.accesses.strided(address, stride, self.loaded, lanes, level)
            x = self.accesses.gather(addresses, self.loaded, None, None, level)
        return self.words.encode(x, first, step)

    def _behind(self, lanes: int) -> Record:
        word = self.words.word
        text = splat(self.words.behind, word, lanes)
        return [Val(text, word, lanes, self.writer.level) for _ in self.step.work]

    def _widened(self, record: Record) -> Record:
        """A record of fewer lanes, filled up with what is behind the end."""
        lanes, found = self.sorting.lanes, record[0].lanes
        numbers = ", ".join(f"i32 {min(n, found)}" for n in range(lanes))
        return [
            self.writer.put(
                f"shufflevector {x}, {filler}, <{lanes} x i32> <{numbers}>", x.element, lanes
            )
            for x, filler in zip(record, self._behind(found), strict=True)
        ]

    # --- back

    def _write(self, target: Val) -> None:
        """Make elements, or positions, of as many words as are wanted."""
        sorting, count = self.sorting, self.step.op.count
        per_unit = 1 if sorting.columns is not None else sorting.lanes
        whole = count // per_unit

        def body(unit: Val, _: list[Val]) -> list[Val]:
            self._put_back(target, unit, self.words.decode(self.runs.load(unit)))
            return []

        if whole:
            self.writer.loop("0", str(whole), "1", [], body, at_least_once=True)
        rest = count - whole * per_unit
        if rest:
            unit = self._number(whole)
            x = self.words.decode(self.runs.load(unit))
            numbers = ", ".join(f"i32 {n}" for n in range(rest))
            x = self.writer.put(
                f"shufflevector {x}, {x.type} poison, <{rest} x i32> <{numbers}>", x.element, rest
            )
            self._put_back(target, unit, x)

    def _put_back(self, target: Val, unit: Val, x: Val) -> None:
        strides = self.step.view.strides
        if self.sorting.columns is not None:
            address = self._moved(target, unit, strides[self.axis], self.stored)
            stride = strides[self.sorting.columns]
        else:
            stride = strides[self.axis]
            first = self.runs.element(unit)
            address = self._moved(target, first, stride, self.stored)
        level = self.writer.level
        if stride == 1:
            self.accesses.store_vector(address, x, self.stored, None, level)
        else:
            addresses = self.accesses.strided(address, stride, self.stored, x.lanes, level)
            self.accesses.scatter(addresses, x, self.stored, None, level)

    def _restore_zeros(self, source: Val, target: Val) -> list[Val]:
        """Of this row, or of each of the vector of rows."""
        extent = self.shape[self.axis]
        strides = self.step.source.strides, self.step.view.strides

        def row(source: Val, target: Val) -> None:
            rows = (
                Row(source, strides[0][self.axis], extent, self.loaded),
                Row(target, strides[1][self.axis], self.step.op.count, self.stored),
            )
            restore_zeros(self.words, self.accesses, *rows)

        def body(lane: Val, _: list[Val]) -> list[Val]:
            assert columns is not None
            row(*self._both_moved(source, target, columns, lane))
            return []

        columns = self.sorting.columns
        if columns is None:
            row(source, target)
        else:
            self.writer.loop("0", str(self.sorting.lanes), "1", [], body, at_least_once=True)
        return []

    def _number(self, n: int) -> Val:
        return Val(str(n), "i64", 0, self.writer.level)
