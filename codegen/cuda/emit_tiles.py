"""Prints matrix products that threads add up in registers, a piece of the result each.

Every element is a chain of fused multiply-adds in the order of k.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl.types import Dtype

from ..planning.steps import View
from .dealing import group_of, inside_entry, member_of
from .program import Program, in_registers, zero
from .spelling import cast, type_of
from .steps import Layout, Multiply
from .tiles import reads_of

MOST_HELD: Final = 64  # elements in registers at once of a result that lies in memory
UNROLLED: Final = 1024  # products of a thread that are printed out


def emit_tile(program: Program, step: Multiply) -> None:
    """Print one product, added to what the result holds unless that is to be cleared."""
    _Tile(program, step).run()


class _Tile:
    def __init__(self, program: Program, step: Multiply) -> None:
        self.program = program
        self.writer = program.writer
        self.step = step
        self.layout: Layout = program.plan.tiles[step]
        self.rows, self.columns = step.op.tile.shape[-2:]
        self.depth = step.op.a.tile.shape[-1]
        self.entries = step.op.tile.shape[0] if self.layout.entries else 1
        self.dtype: Dtype = step.op.tile.dtype
        self.turns = self.layout.turns_of_entry
        self.packs, self.vector = self.layout.turns, self.layout.vector
        self.at_once = self.layout.groups // max(1, self.layout.entries)
        self.reads = reads_of(step)
        self.by_element = self.reads.right > 1 or self.vector > self.reads.columns
        self.out = program.buffers[step.out.buffer]
        self.is_held = in_registers(program.plan, step.out) is not None
        self.row = self.column = self.entry = "0"

    def run(self) -> None:
        """Matrix by matrix; of a result in memory as many rows at a time as registers hold."""
        writer, count = self.writer, self.layout.row_turns // self.turns
        with writer.block(""):
            if self.is_held and self.step.clear:
                self._each_slot(self.out, self.layout.slots, "0")
            self.row = writer.define("i32", "row", self._first_row())
            column = _scaled(member_of(self.layout), self.vector)
            self.column = writer.define("i32", "column", column)
            turn = writer.fresh("entry")
            if self.is_held and count > 1:
                writer.add("#pragma unroll")
            head = f"for (i32 {turn} = 0; {turn} < {count}; ++{turn})"
            with writer.block_if(head if count > 1 else None):
                self._entry(turn if count > 1 else "0")

    def _first_row(self) -> str:
        return inside_entry(self.layout, "0") if self.layout.entries else group_of(self.layout)

    def _entry(self, turn: str) -> None:
        """The part of one matrix of a batch."""
        writer, layout = self.writer, self.layout
        if self.entries > 1:
            part = f"({group_of(layout)}) / {self.at_once}"
            text = f"{turn} * {layout.entries} + {part}"
            is_last = self.entries % layout.entries
            self.entry = writer.define("i32", "matrix", text)
            if is_last:
                self.entry = f"minimum({self.entry}, {self.entries - 1})"
                self.entry = writer.define("i32", "matrix", self.entry)
        if self.is_held:
            slots = self.turns * self.packs * self.vector
            held = self.out if turn == "0" else f"{self.out} + {turn} * {slots}"
            if turn != "0":
                held = writer.define(f"{type_of(self.dtype)}*", "held", held)
            self._multiply(held, "0", self.turns)
            return
        at_once = max(1, min(self.turns, MOST_HELD // (self.packs * self.vector)))
        first = writer.fresh("first")
        head = f"for (i32 {first} = 0; {first} < {self.turns}; {first} += {at_once})"
        with writer.block_if(head if at_once < self.turns else None):
            self._in_memory(turn, first if at_once < self.turns else "0", at_once)

    def _in_memory(self, turn: str, first: str, turns: int) -> None:
        """Some rows of a result in memory."""
        writer, slots = self.writer, turns * self.packs * self.vector
        held = writer.fresh("held")
        writer.add(f"{type_of(self.dtype)} {held}[{slots}];")
        if self.step.clear:
            self._each_slot(held, slots, "0")
        else:
            self._move(held, turn, first, turns, is_load=True)
        self._multiply(held, first, turns)
        self._move(held, turn, first, turns, is_load=False)

    # --- the sum

    def _multiply(self, held: str, first: str, turns: int) -> None:
        """Add up along k what some rows, from turn `first` on, have with all columns."""
        writer, reads = self.writer, self.reads
        left_at, right_at = self._start(self.step.a), self._start(self.step.b)
        step = max(reads.left, reads.right)
        k = writer.fresh("k")
        unrolled = max(1, UNROLLED // (turns * self.packs * self.vector * step))
        pragma = "#pragma unroll" if unrolled * step >= self.depth else f"#pragma unroll {unrolled}"
        writer.add(pragma)
        with writer.block(f"for (i32 {k} = 0; {k} < {self.depth}; {k} += {step})"):
            left = right = ""
            if reads.left > 1:
                left = self._read_left(left_at, k, first, turns)
            if reads.right > 1:
                right = self._read_right(right_at, k)
            inner = writer.fresh("j")
            at = k
            if step > 1:
                writer.add("#pragma unroll")
                at = f"{k} + {inner}"
            head = f"for (i32 {inner} = 0; {inner} < {step}; ++{inner})"
            with writer.block_if(head if step > 1 else None):
                if reads.left == 1:
                    left = self._read_left(left_at, at, first, turns)
                if reads.right == 1:
                    right = self._read_right(right_at, at)
                self._add(held, left, right, inner, turns)

    def _start(self, view: View) -> str:
        """Where the operand of the matrix begins."""
        name = self.program.buffers[view.buffer]
        terms = [name, *([str(view.offset)] if view.offset else [])]
        if self.entries > 1:
            terms.append(_scaled(self.entry, view.strides[0]))
        if len(terms) == 1:
            return name
        kind = type_of(view.buffer.dtype)
        return self.writer.define(f"const {kind}*", f"{name}_at", " + ".join(terms))

    def _read_left(self, start: str, k: str, first: str, turns: int) -> str:
        """The values of the left operand in a thread's rows, neighbours along k."""
        writer, view = self.writer, self.step.a
        name, m = writer.fresh("left"), writer.fresh("m")
        kind = type_of(view.buffer.dtype)
        writer.add(f"Pack<{kind}, {self.reads.left}> {name}[{turns}];")
        writer.add("#pragma unroll")
        with writer.block(f"for (i32 {m} = 0; {m} < {turns}; ++{m})"):
            turn = m if first == "0" else f"({first} + {m})"
            row = f"{self.row} + {turn} * {self.at_once}"
            if self.rows % self.at_once or first != "0":
                row = f"minimum({row}, {self.rows - 1})"
            offset = _offset(row, view.strides[-2], k, view.strides[-1])
            writer.add(f"{name}[{m}] = load_pack<{self.reads.left}>({start} + {offset});")
        return name

    def _read_right(self, start: str, k: str) -> str:
        """The values of the right operand in a thread's columns: neighbours along these, or along
        k.
        """
        writer, view = self.writer, self.step.b
        kind = type_of(view.buffer.dtype)
        name, n = writer.fresh("right"), writer.fresh("n")
        size, count = self.vector, self.packs
        if self.by_element:
            size, count = self.reads.right, self.packs * self.vector
        writer.add(f"Pack<{kind}, {size}> {name}[{count}];")
        writer.add("#pragma unroll")
        with writer.block(f"for (i32 {n} = 0; {n} < {count}; ++{n})"):
            column = self._column_of(n)
            offset = _offset(k, view.strides[-2], column, view.strides[-1])
            writer.add(f"{name}[{n}] = load_pack<{size}>({start} + {offset});")
        return name

    def _column_of(self, n: str) -> str:
        """The column where the n-th read of the right operand begins."""
        apart = self.layout.group * self.vector
        text = f"{self.column} + {n} * {apart}"
        if self.by_element and self.vector > 1:
            text = f"{self.column} + {n} / {self.vector} * {apart} + {n} % {self.vector}"
        if self.packs * apart == self.columns:
            return text
        return f"minimum({text}, {self.columns - (1 if self.by_element else self.vector)})"

    def _add(self, held: str, left: str, right: str, inner: str, turns: int) -> None:
        """One step along k, for all pairs of a row and a column."""
        writer, reads = self.writer, self.reads
        m, n = writer.fresh("m"), writer.fresh("n")
        width = self.packs * self.vector
        writer.add("#pragma unroll")
        with writer.block(f"for (i32 {m} = 0; {m} < {turns}; ++{m})"):
            writer.add("#pragma unroll")
            with writer.block(f"for (i32 {n} = 0; {n} < {width}; ++{n})"):
                a = f"{left}[{m}].at[{inner if reads.left > 1 else 0}]"
                b = f"{right}[{n}].at[{inner if reads.right > 1 else 0}]"
                if not self.by_element and self.vector > 1:
                    b = f"{right}[{n} / {self.vector}].at[{n} % {self.vector}]"
                a = cast(a, self.step.a.buffer.dtype, self.dtype)
                b = cast(b, self.step.b.buffer.dtype, self.dtype)
                total = f"{held}[{m} * {width} + {n}]"
                if self.dtype.is_float:
                    text = f"multiply_add({a}, {b}, {total})"
                else:
                    text = f"add({total}, multiply({a}, {b}))"
                writer.add(f"{total} = {text};")

    # --- a result in memory

    def _move(self, held: str, turn: str, first: str, turns: int, is_load: bool) -> None:
        """Between memory and the registers that hold some rows."""
        writer, view, width = self.writer, self.step.out, self.packs * self.vector
        m, n = writer.fresh("m"), writer.fresh("n")
        writer.add("#pragma unroll")
        with writer.block(f"for (i32 {m} = 0; {m} < {turns}; ++{m})"):
            turn_of_row = m if first == "0" else f"({first} + {m})"
            row = writer.define("i32", "row", f"{self.row} + {turn_of_row} * {self.at_once}")
            writer.add("#pragma unroll")
            with writer.block(f"for (i32 {n} = 0; {n} < {width}; ++{n})"):
                column = f"{self.column} + {n} / {self.vector} * {self.layout.group * self.vector}"
                column = writer.define("i32", "column", f"{column} + {n} % {self.vector}")
                offset = _offset(row, view.strides[-2], column, view.strides[-1])
                if self.entries > 1:
                    offset = f"{_scaled(self.entry, view.strides[0])} + {offset}"
                there = f"{self.out}[{f'{view.offset} + ' if view.offset else ''}{offset}]"
                here = f"{held}[{m} * {width} + {n}]"
                test = " && ".join(self._tests(row, column, turn))
                if is_load:
                    text = f"{test} ? {there} : {zero(self.dtype)}" if test else there
                    writer.add(f"{here} = {text};")
                else:
                    writer.add(f"{f'if ({test}) ' if test else ''}{there} = {here};")

    def _tests(self, row: str, column: str, turn: str) -> list[str]:
        """Whether the result has an element."""
        tests = []
        if self.entries > 1 and self.entries % self.layout.entries:
            part = f"({group_of(self.layout)}) / {self.at_once}"
            tests.append(f"{turn} * {self.layout.entries} + {part} < {self.entries}")
        tests.append(f"{row} < {self.rows}")
        if self.packs * self.layout.group * self.vector != self.columns:
            tests.append(f"{column} < {self.columns}")
        return tests

    def _each_slot(self, held: str, count: int, text: str) -> None:
        writer = self.writer
        slot = writer.fresh("slot")
        writer.add("#pragma unroll")
        with writer.block(f"for (i32 {slot} = 0; {slot} < {count}; ++{slot})"):
            writer.add(f"{held}[{slot}] = {text};")


def _offset(row: str, by_row: int, column: str, by_column: int) -> str:
    return f"{_scaled(row, by_row)} + {_scaled(column, by_column)}"


def _scaled(text: str, stride: int) -> str:
    if stride == 1:
        return text
    return f"{text} * {stride}" if text.isidentifier() else f"({text}) * {stride}"
