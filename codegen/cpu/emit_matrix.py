"""Prints matrix products: a register tile of the result, swept over k, in loops over the whole.

Both operands lie packed in scratch memory: `a` in dense rows, whose elements are broadcast, `b` in
panels as wide as the register tile, whose rows are loaded as vectors. A block of `rows x columns`
of the result stays in registers over the whole of k. Products of narrow operands are subclasses.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Final

from tilewright.dsl.types import Dtype

from ..planning.steps import (
    View,
)
from .emit_scalar import Scalars
from .registers import register_tile
from .spelling import element
from .steps import (
    LINE,
    Multiply,
)
from .writer import Val

# How many steps of k stand in one round of the innermost loop.
UNROLL: Final = 4


class Product:
    """One product being printed."""

    def __init__(self, scalars: Scalars, step: Multiply) -> None:
        self.writer = scalars.writer
        self.scalars = scalars
        self.accesses = scalars.accesses
        self.step = step
        self.dtype = step.op.result_dtype
        self.operand = step.op.a.tile.dtype
        self.kind = element(self.dtype)
        self.unroll = UNROLL
        *batch, self.m, self.k = step.op.a.tile.shape
        self.n = step.op.tile.shape[-1]
        self.batch = prod(batch)
        self.rows, self.columns = register_tile(self.writer.machine, self.dtype.itemsize)

    def run(self) -> None:
        """Loop over the batch, panels of columns, blocks of rows."""
        step = self.step
        operands = [view for one in step.products for view in (one.a, one.b)]
        views = [*((view, self.operand) for view in operands), (step.out, self.dtype)]
        bases = [self._base(view, dtype) for view, dtype in views]
        self.depths = [self._depth(one, one.op.a.tile.shape[-1]) for one in step.before]
        self.depth = self._depth(step, self.k)
        if self.batch == 1:
            self._matrix(bases)
            return

        def body(i: Val, _: list[Val]) -> list[Val]:
            moved = []
            for base, (view, dtype) in zip(bases, views, strict=True):
                offset = self.writer.put(f"mul i64 {i.text}, {view.strides[0]}", "i64", 0)
                moved.append(self.accesses.address(base, offset, dtype, self.writer.level))
            self._matrix(moved)
            return []

        self.writer.loop("0", str(self.batch), "1", [], body, at_least_once=True)

    def _depth(self, one: Multiply, k: int) -> str:
        """How far k goes, in whole rounds: not where both operands have only zeros."""
        whole = k // self.unroll * self.unroll
        if one.depths is None or not whole:
            return str(whole)
        writer, ends = self.writer, []
        for depth in one.depths:
            end = self.accesses.array(depth.source).extents[depth.axis]
            if depth.start is not None:
                start = self.scalars.as_index(depth.start)
                end = writer.put(f"sub i64 {end.text}, {start.text}", "i64", 0)
            ends.append(
                writer.put(f"sub i64 {end.text}, {depth.offset - self.unroll + 1}", "i64", 0)
            )
        furthest = writer.call("smax", "i64", 0, ends)
        limit = writer.call("smin", "i64", 0, [furthest, f"i64 {whole}"])
        return writer.put(f"and i64 {limit.text}, {-self.unroll}", "i64", 0).text

    def _base(self, view: View, dtype: Dtype) -> Val:
        if view.memo is not None:
            return self.accesses.slots[view.memo]
        if view.loan is not None:
            return self.accesses.loans[view.loan][0]
        address: Val = self.accesses.scratch_address(
            view.buffer.offset + view.offset * dtype.itemsize
        )
        return address

    def _matrix(self, bases: list[Val]) -> None:
        self._tiles(
            "0",
            self.n // self.columns,
            self.columns,
            lambda column, width: self._panel(bases, column, width),
        )
        rest = self.n % self.columns
        if rest:
            self._panel(bases, self._text(self.n - rest), rest)

    def _panel(self, bases: list[Val], column: Val, width: int) -> None:
        self._tiles(
            "0",
            self.m // self.rows,
            self.rows,
            lambda row, height: self._block(bases, row, height, column, width),
        )
        rest = self.m % self.rows
        if rest:
            self._block(bases, self._text(self.m - rest), rest, column, width)

    def _text(self, number: int) -> Val:
        return Val(str(number), "i64", 0, self.writer.level)

    def _tiles(self, start: str, count: int, size: int, write: Callable[[Val, int], None]) -> None:
        """A loop over whole blocks."""
        if not count:
            return

        def body(i: Val, _: list[Val]) -> list[Val]:
            write(i, size)
            return []

        self.writer.loop(start, str(count * size), str(size), [], body, at_least_once=True)

    def _block(self, bases: list[Val], row: Val, height: int, column: Val, width: int) -> None:
        """One register tile: load, sweep over k of all products, store."""
        writer = self.writer
        step = self.step
        out = self._at(bases[-1], row, step.out.strides[-2], column, self.dtype)
        places = [self._moved(out, r * step.out.strides[-2]) for r in range(height)]
        level = writer.level
        if step.clear:
            sums = [Val("zeroinitializer", self.kind, width, level) for _ in range(height)]
        else:
            sums = [self._load(place, width) for place in places]
        for number, one in enumerate(step.products):
            a_base, b_base = bases[2 * number : 2 * number + 2]
            a = self._at(a_base, row, self._row_stride(one.a), None, self.operand)
            b = self._panel_start(b_base, column, one.b)
            if one.b.memo is not None:
                self._fetch_next_panel(b, row, height)
            depth = self.depth if one is step else self.depths[number]
            sums = self._swept(one, depth, a, b, sums, width)
        for place, value in zip(places, sums, strict=True):
            writer.add(f"store {value}, {place}, align {self.dtype.itemsize}")

    def _swept(
        self, one: Multiply, depth: str, a: Val, b: Val, sums: list[Val], width: int
    ) -> list[Val]:
        """Rows of `a` times a panel of `b`, added to sums in registers."""

        def sweep(k: Val, values: list[Val]) -> list[Val]:
            for inner in range(UNROLL):
                values = self._rank_one(one, a, b, k, inner, values, width)
            return values

        steps = one.op.a.tile.shape[-1]
        whole = steps // UNROLL * UNROLL
        if whole:
            always = depth.isdigit()
            sums = self.writer.loop("0", depth, str(UNROLL), sums, sweep, at_least_once=always)
        for rest in range(whole, steps):
            sums = self._rank_one(one, a, b, self._text(rest), 0, sums, width)
        return sums

    def _fetch_next_panel(self, panel: Val, row: Val, height: int) -> None:
        """Fetch a share of the panel behind this one, which lies in the last cache."""
        view, itemsize = self.step.b, self.operand.itemsize
        lines = -(-view.panel_stride * itemsize // (LINE * self.m))  # for each row of the result
        first = self.writer.put(f"mul i64 {row.text}, {lines * LINE}", "i64", 0)
        start = self._moved(panel, view.panel_stride, self.operand)
        place = self.writer.put(f"getelementptr i8, {start}, i64 {first.text}", "ptr", 0)
        for line in range(height * lines):
            self.accesses.fetch_line(place, line * LINE, self.writer.level)

    def _panel_start(self, base: Val, column: Val, view: View) -> Val:
        if not view.panel:
            start: Val = self.accesses.address(base, column, self.operand, self.writer.level)
            return start
        panel = self.writer.put(f"udiv i64 {column.text}, {view.panel}", "i64", 0)
        offset = self.writer.put(f"mul i64 {panel.text}, {view.panel_stride}", "i64", 0)
        return self.accesses.address(base, offset, self.operand, self.writer.level)

    def _rank_one(
        self, one: Multiply, a: Val, b: Val, k: Val, inner: int, sums: list[Val], width: int
    ) -> list[Val]:
        """Add one column of `a` times one row of `b`."""
        writer = self.writer
        values = self._load(self._below(self._at_row(b, k, one.b), inner, one.b), width)
        start = self.accesses.address(a, k, self.dtype, writer.level)
        new = []
        for r, total in enumerate(sums):
            place = self._below(start, r, one.a, inner)
            single = writer.put(
                f"load {self.kind}, {place}, align {self.dtype.itemsize}", self.kind, 0
            )
            factor = self.accesses.splat(single, width, writer.level)
            new.append(self._multiply_add(factor, values, total))
        return new

    def _row_stride(self, view: View) -> int | str:
        """Elements from row to row of an operand, or their number's name."""
        return view.strides[-2] if view.loan is None else self.accesses.loans[view.loan][1].text

    def _at_row(self, base: Val, row: Val, view: View) -> Val:
        return self._at(base, row, self._row_stride(view), None, self.dtype)

    def _below(self, place: Val, rows: int, view: View, elements: int = 0) -> Val:
        """The place so many rows, and elements, further on."""
        stride = self._row_stride(view)
        match stride:
            case int():
                return self._moved(place, rows * stride + elements)
            case str() if rows:
                offset = self.writer.put(f"mul i64 {stride}, {rows}", "i64", 0)
                place = self.accesses.address(place, offset, self.dtype, self.writer.level)
        return self._moved(place, elements)

    def _multiply_add(self, a: Val, b: Val, total: Val) -> Val:
        writer = self.writer
        if self.dtype.is_float:
            return writer.call("fma", self.kind, total.lanes, [a, b, total])
        product = writer.put(f"mul {a}, {b.text}", self.kind, total.lanes)
        return writer.put(f"add {total}, {product.text}", self.kind, total.lanes)

    def _load(self, place: Val, width: int) -> Val:
        return self.writer.put(
            f"load <{width} x {self.kind}>, {place}, align {self.dtype.itemsize}", self.kind, width
        )

    def _at(self, base: Val, row: Val, stride: int | str, column: Val | None, dtype: Dtype) -> Val:
        level = self.writer.level
        offset = self.writer.put(f"mul i64 {row.text}, {stride}", "i64", 0)
        base = self.accesses.address(base, offset, dtype, level)
        return base if column is None else self.accesses.address(base, column, dtype, level)

    def _moved(self, place: Val, elements: int, dtype: Dtype | None = None) -> Val:
        if not elements:
            return place
        kind = element(dtype or self.dtype)
        return self.writer.put(f"getelementptr {kind}, {place}, i64 {elements}", "ptr", 0)
