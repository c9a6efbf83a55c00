"""Prints products of narrow operands for machines with tile registers (AMX).

Four registers hold a block of 32 x 32 of the result, two each the rows of `a` and the columns of
`b` that are multiplied next; these are 64 bytes of k deep.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl.types import Dtype, bf16, i8, u8

from .emit_narrow import NarrowProduct
from .emit_scalar import Scalars
from .registers import TILE_ROW_BYTES, TILE_ROWS
from .steps import (
    Multiply,
)
from .writer import Val

MULTIPLY: Final[dict[Dtype, str]] = {bf16: "tdpbf16ps", i8: "tdpbssd", u8: "tdpbuud"}
# The numbers of the registers: the first of `a` and of `b`; the result's come before.
A, B, COUNT = 4, 6, 8
PALETTE: Final = 1


class TileProduct(NarrowProduct):
    """One such product being printed."""

    def __init__(self, scalars: Scalars, step: Multiply) -> None:
        super().__init__(scalars, step)
        self.unroll = TILE_ROW_BYTES // self.operand.itemsize
        self.rows = 2 * TILE_ROWS
        shapes = {
            (height, width)
            for height in _sizes(self.m, self.rows)
            for width in _sizes(self.n, self.columns)
        }
        self.only = shapes.pop() if len(shapes) == 1 else None

    def run(self) -> None:
        """Multiply, with registers of the right shapes, and give them back."""
        if self.only is not None:
            self._configure(*self.only)
        super().run()
        self._call("tilerelease")

    def _panel(self, bases: list[Val], column: Val, width: int) -> None:
        whole, rest = divmod(self.m, self.rows)
        if whole:
            if self.only is None:
                self._configure(self.rows, width)
            self._tiles(
                "0",
                whole,
                self.rows,
                lambda row, height: self._block(bases, row, height, column, width),
            )
        if rest:
            if self.only is None:
                self._configure(rest, width)
            self._block(bases, self._text(self.m - rest), rest, column, width)

    def _block(self, bases: list[Val], row: Val, height: int, column: Val, width: int) -> None:
        """A block of the result: load, sweep over k, store."""
        step, writer, operand = self.step, self.writer, self.operand
        a_base, b_base, out_base = bases
        out_stride, a_stride = step.out.strides[-2], step.a.strides[-2]
        out = self._at(out_base, row, out_stride, column, self.dtype)
        a = self._at(a_base, row, a_stride, None, operand)
        b = self._panel_start(b_base, column, self.step.b)
        heights, widths = _halves(height), _halves(width)
        places = [
            (2 * i + j, self._moved(out, TILE_ROWS * (i * out_stride + j)))
            for i in range(len(heights))
            for j in range(len(widths))
        ]
        out_bytes = out_stride * self.dtype.itemsize
        for number, place in places:
            if step.clear:
                self._call("tilezero", number)
            else:
                self._call("tileloadd64", number, place, f"i64 {out_bytes}")
        if step.b.memo is not None:
            self._fetch_next_panel(b, row, height)
        a_bytes = a_stride * operand.itemsize
        b_bytes = step.b.panel * self.group * operand.itemsize

        def sweep(k: Val, _: list[Val]) -> list[Val]:
            line = writer.put(f"mul i64 {k.text}, {step.b.panel}", "i64", 0)
            b_row = self.accesses.address(b, line, operand, writer.level)
            a_column = self.accesses.address(a, k, operand, writer.level)
            for j in range(len(widths)):
                place = self._moved(b_row, j * TILE_ROWS * self.group, operand)
                self._call("tileloadd64", B + j, place, f"i64 {b_bytes}")
            for i in range(len(heights)):
                place = self._moved(a_column, i * TILE_ROWS * a_stride, operand)
                self._call("tileloadd64", A + i, place, f"i64 {a_bytes}")
                for j in range(len(widths)):
                    self._call(MULTIPLY[operand], 2 * i + j, A + i, B + j)
            return []

        always = self.depth.isdigit()
        writer.loop("0", self.depth, str(self.unroll), [], sweep, at_least_once=always)
        for number, place in places:
            self._call("tilestored64", number, place, f"i64 {out_bytes}")

    def _configure(self, height: int, width: int) -> None:
        """Say how large the registers are, for blocks of a shape."""
        heights, widths = _halves(height), _halves(width)
        rows, row_bytes = [0] * COUNT, [0] * COUNT
        for i, tile_rows in enumerate(heights):
            rows[A + i], row_bytes[A + i] = tile_rows, TILE_ROW_BYTES
            for j, tile_columns in enumerate(widths):
                rows[2 * i + j], row_bytes[2 * i + j] = tile_rows, 4 * tile_columns
        for j, tile_columns in enumerate(widths):
            rows[B + j], row_bytes[B + j] = TILE_ROWS, 4 * tile_columns
        content = bytearray(64)
        content[0] = PALETTE
        content[16:32] = b"".join(n.to_bytes(2, "little") for n in row_bytes)
        content[48:56] = bytes(rows)
        name = f'@"tiles {height} x {width}"'
        numbers = ", ".join(f"i8 {n}" for n in content)
        self.writer.declarations.setdefault(
            f"{name} = internal constant <64 x i8> <{numbers}>, align 64"
        )
        self._call("ldtilecfg", Val(name, "ptr", 0, self.writer.level))

    def _call(self, name: str, *arguments: int | str | Val) -> None:
        """An instruction on tile registers; numbers name these."""
        texts = [f"i8 {x}" if isinstance(x, int) else str(x) for x in arguments]
        types = ", ".join(text.split(" ")[0] for text in texts)
        self.writer.declarations.setdefault(f"declare void @llvm.x86.{name}({types})")
        self.writer.add(f"call void @llvm.x86.{name}({', '.join(texts)})")


def _sizes(extent: int, block: int) -> set[int]:
    """How large the blocks of an extent are."""
    return {block if extent >= block else extent, extent % block or min(block, extent)}


def _halves(extent: int) -> list[int]:
    """The rows or columns of one register, or of two."""
    return [TILE_ROWS, extent - TILE_ROWS] if extent > TILE_ROWS else [extent]
