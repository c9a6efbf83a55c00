"""Prints products of narrow operands by instructions that multiply and add up groups in vectors.

As with wide operands a block of the result stays in registers; a group of `a` is broadcast, a row
of groups of `b` loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tilewright.dsl.types import Dtype, bf16, i8

from .emit_narrow import NarrowProduct
from .emit_scalar import Scalars
from .steps import (
    Multiply,
)
from .writer import Val

LANES: Final = 16  # results in a vector
# The instruction for operands of a dtype, and the elements of its operands.
MULTIPLY: Final[dict[Dtype, tuple[str, str, int]]] = {
    bf16: ("x86.avx512bf16.dpbf16ps.512", "bfloat", 32),
    i8: ("x86.avx512.vpdpbusd.512", "i8", 64),
}
ROUNDS: Final = 4  # groups along k in one round of the innermost loop
# `vpdpbusd` takes `a` as unsigned: there it lies with this added to each element.
OFFSET: Final = 128


class DotProduct(NarrowProduct):
    """One such product being printed."""

    def __init__(self, scalars: Scalars, step: Multiply) -> None:
        super().__init__(scalars, step)
        self.unroll = ROUNDS * self.group
        self.surplus: list[Val] = []

    def _panel(self, bases: list[Val], column: Val, width: int) -> None:
        if self.operand is i8:
            self.surplus = self._surplus(self._panel_start(bases[1], column, self.step.b), width)
        super()._panel(bases, column, width)

    def _surplus(self, b: Val, width: int) -> list[Val]:
        """What the columns of a product have too much because `a` was made unsigned."""
        level = self.writer.level
        group = Val(f"splat (i8 {OFFSET - 256})", "i8", 4 * LANES, level)
        sums = [Val("zeroinitializer", self.kind, LANES, level) for _ in _spans(width)]

        def add(k: Val, inner: int, values: list[Val]) -> list[Val]:
            rows = self._rows_of(b, k, inner, width)
            return [self._dot(x, group, row) for x, row in zip(values, rows, strict=True)]

        return self._over_k(sums, add)

    def _block(self, bases: list[Val], row: Val, height: int, column: Val, width: int) -> None:
        """A block of the result: load, sweep over k, store."""
        step = self.step
        a_base, b_base, out_base = bases
        out_stride, a_stride = step.out.strides[-2], step.a.strides[-2]
        out = self._at(out_base, row, out_stride, column, self.dtype)
        a = self._at(a_base, row, a_stride, None, self.operand)
        b = self._panel_start(b_base, column, self.step.b)
        spans = _spans(width)
        places = [
            (self._moved(out, r * out_stride + n * LANES), lanes)
            for r in range(height)
            for n, lanes in enumerate(spans)
        ]
        sums = [self._first(n % len(spans), *place) for n, place in enumerate(places)]
        if step.b.memo is not None:
            self._fetch_next_panel(b, row, height)

        def add(k: Val, inner: int, values: list[Val]) -> list[Val]:
            rows = self._rows_of(b, k, inner, width)
            start = self.accesses.address(a, k, self.operand, self.writer.level)
            new = []
            for r in range(height):
                place = self._moved(start, r * a_stride + inner * self.group, self.operand)
                group = self._group(place)
                old = values[r * len(spans) : (r + 1) * len(spans)]
                new += [self._dot(x, group, y) for x, y in zip(old, rows, strict=True)]
            return new

        sums = self._over_k(sums, add)
        for (place, lanes), value in zip(places, sums, strict=True):
            mask = self._mask(lanes)
            self.accesses.store_vector(place, value, self.dtype, mask, self.writer.level)

    def _over_k(
        self, sums: list[Val], add: Callable[[Val, int, list[Val]], list[Val]]
    ) -> list[Val]:
        """Add up groups along k: whole rounds, then what is left."""
        whole = self.k // self.unroll * self.unroll

        def sweep(k: Val, values: list[Val]) -> list[Val]:
            for inner in range(ROUNDS):
                values = add(k, inner, values)
            return values

        if whole:
            always = self.depth.isdigit()
            step = str(self.unroll)
            sums = self.writer.loop("0", self.depth, step, sums, sweep, at_least_once=always)
        for rest in range(whole, self.k, self.group):
            sums = add(self._text(rest), 0, sums)
        return sums

    def _first(self, span: int, place: Val, lanes: int) -> Val:
        """What a vector of the result begins with."""
        level = self.writer.level
        value = Val("zeroinitializer", self.kind, LANES, level)
        if not self.step.clear:
            mask = self._mask(lanes)
            value = self.accesses.load_vector(place, self.dtype, LANES, mask, value, level)
        if not self.surplus:
            return value
        return self.writer.put(f"sub {value}, {self.surplus[span].text}", self.kind, LANES)

    def _mask(self, lanes: int) -> Val | None:
        if lanes == LANES:
            return None
        bits = ", ".join(f"i1 {str(n < lanes).lower()}" for n in range(LANES))
        return Val(f"<{bits}>", "i1", LANES, self.writer.level)

    def _rows_of(self, b: Val, k: Val, inner: int, width: int) -> list[Val]:
        """The vectors of one row of groups."""
        writer, panel = self.writer, self.step.b.panel
        _, kind, lanes = MULTIPLY[self.operand]
        line = writer.put(f"mul i64 {k.text}, {panel}", "i64", 0)
        start = self.accesses.address(b, line, self.operand, writer.level)
        places = [
            self._moved(start, (inner * panel + n * LANES) * self.group, self.operand)
            for n in range(len(_spans(width)))
        ]
        size = self.operand.itemsize
        return [
            writer.put(f"load <{lanes} x {kind}>, {place}, align {size}", kind, lanes)
            for place in places
        ]

    def _group(self, place: Val) -> Val:
        """One group of `a`, for every lane."""
        writer = self.writer
        _, kind, lanes = MULTIPLY[self.operand]
        single = writer.put(f"load i32, {place}, align {self.operand.itemsize}", "i32", 0)
        spread = self.accesses.splat(single, LANES, writer.level)
        return writer.put(f"bitcast {spread} to <{lanes} x {kind}>", kind, lanes)

    def _dot(self, total: Val, a: Val, b: Val) -> Val:
        """Add the sums of groups of products; `b` first where signs are alike, as `a` can then be
        read from memory by the instruction itself."""
        name = MULTIPLY[self.operand][0]
        pair = [a, b] if self.operand is i8 else [b, a]
        return self.writer.call(name, self.kind, LANES, [total, *pair], overloads="")


def _spans(width: int) -> list[int]:
    """The results in each vector of a row."""
    return [min(LANES, width - start) for start in range(0, width, LANES)]
