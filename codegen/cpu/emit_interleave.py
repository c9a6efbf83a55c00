"""Prints the step that puts rows of narrow elements into panels: groups of neighbours along k."""

from __future__ import annotations

from math import prod

from ..planning.steps import (
    View,
)
from .emit_scalar import Scalars
from .spelling import memory_element
from .steps import (
    Interleave,
)
from .writer import Val


def emit_interleave(scalars: Scalars, step: Interleave) -> None:
    """Print one step."""
    _Interleaving(scalars, step).run()


class _Interleaving:
    """One step being printed."""

    def __init__(self, scalars: Scalars, step: Interleave) -> None:
        self.writer = scalars.writer
        self.accesses = scalars.accesses
        self.step = step
        self.kind = memory_element(step.dtype)
        *batch, self.k, self.n = step.shape
        self.batch = prod(batch)

    def run(self) -> None:
        """Loop over the batch."""
        views = (self.step.source, self.step.target)
        bases = [self._base(view) for view in views]
        if self.batch == 1:
            self._matrix(bases)
            return

        def body(i: Val, _: list[Val]) -> list[Val]:
            self._matrix(
                [self._at(b, i, view.strides[0]) for b, view in zip(bases, views, strict=True)]
            )
            return []

        self.writer.loop("0", str(self.batch), "1", [], body, at_least_once=True)

    def _matrix(self, bases: list[Val]) -> None:
        """Loop over whole panels, then the last one, which may be narrower."""
        width, writer = self.step.target.panel, self.writer
        whole, rest = divmod(self.n, width)

        def body(panel: Val, _: list[Val]) -> list[Val]:
            self._panel(bases, panel, width)
            return []

        if whole:
            writer.loop("0", str(whole), "1", [], body, at_least_once=True)
        if rest:
            self._panel(bases, Val(str(whole), "i64", 0, writer.level), rest)

    def _panel(self, bases: list[Val], panel: Val, width: int) -> None:
        """Loop over whole groups of rows, then the one with fewer, then rows of zeros."""
        step, writer = self.step, self.writer
        source = self._at(bases[0], panel, step.target.panel)
        target = self._at(bases[1], panel, step.target.panel_stride)
        whole, rest = divmod(self.k, step.group)

        def body(row: Val, _: list[Val]) -> list[Val]:
            self._group(source, target, row, step.group, width)
            return []

        if whole:
            writer.loop("0", str(whole), "1", [], body, at_least_once=True)
        for behind in range(whole, step.depth // step.group):
            row = Val(str(behind), "i64", 0, writer.level)
            self._group(source, target, row, rest if behind == whole else 0, width)

    def _group(self, source: Val, target: Val, row: Val, count: int, width: int) -> None:
        """One row of groups: of so many rows of the source, and zeros for what a group lacks."""
        step, writer = self.step, self.writer
        panel, stride = step.target.panel, step.source.strides[-2]
        start = self._at(source, row, step.group * stride)
        size = step.dtype.itemsize
        rows = []
        for n in range(step.group):
            if n >= count:
                rows.append(Val("zeroinitializer", self.kind, panel, writer.level))
                continue
            place = start if not n else self._moved(start, n * stride)
            kind = f"<{width} x {self.kind}>"
            value = writer.put(f"load {kind}, {place}, align {size}", self.kind, width)
            rows.append(value if width == panel else self._widened(value, panel))
        while len(rows) > 1:  # neighbours are half the rows apart: 0 2 1 3 for groups of four
            half = len(rows) // 2
            rows = [self._zipped(a, b) for a, b in zip(rows[:half], rows[half:], strict=True)]
        place = self._at(target, row, step.target.strides[-2])
        writer.add(f"store {rows[0]}, {place}, align {size}")

    def _zipped(self, a: Val, b: Val) -> Val:
        """The elements of two vectors in turn."""
        order = ", ".join(f"i32 {n}, i32 {a.lanes + n}" for n in range(a.lanes))
        lanes = 2 * a.lanes
        text = f"shufflevector {a}, {b}, <{lanes} x i32> <{order}>"
        return self.writer.put(text, self.kind, lanes)

    def _widened(self, value: Val, lanes: int) -> Val:
        order = ", ".join(f"i32 {n}" if n < value.lanes else "i32 poison" for n in range(lanes))
        text = f"shufflevector {value}, {value.type} poison, <{lanes} x i32> <{order}>"
        return self.writer.put(text, self.kind, lanes)

    def _base(self, view: View) -> Val:
        if view.memo is not None:
            return self.accesses.slots[view.memo]
        offset = view.buffer.offset + view.offset * self.step.dtype.itemsize
        address: Val = self.accesses.scratch_address(offset)
        return address

    def _at(self, base: Val, number: Val, stride: int) -> Val:
        offset = self.writer.put(f"mul i64 {number.text}, {stride}", "i64", 0)
        address: Val = self.accesses.address(base, offset, self.step.dtype, self.writer.level)
        return address

    def _moved(self, place: Val, elements: int) -> Val:
        return self.writer.put(f"getelementptr {self.kind}, {place}, i64 {elements}", "ptr", 0)
