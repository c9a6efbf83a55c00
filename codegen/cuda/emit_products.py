"""Prints matrix products of tiles in memory by tensor cores; `emit_tiles` prints the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from math import prod
from typing import Final

from ..planning.steps import View
from ..target import REGISTERS
from .emit_tiles import emit_tile
from .products import COLUMNS, PIECE, ROWS, across
from .program import Program, in_registers, moved
from .spelling import type_of
from .steps import WARP, Multiply

MOST_HELD: Final = 128  # registers of a thread for a piece of a result


def emit_product(program: Program, step: Multiply) -> None:
    """Print one product, added to what the result holds unless that is to be cleared."""
    if step.tensor is None:
        emit_tile(program, step)
    else:
        _TensorProduct(program, step).run()


class _TensorProduct:
    """A product by the tensor cores: 16 rows at a time for each warp, all columns. Of a result that
    lies in memory a piece at a time is in registers: some blocks of rows, some columns.
    """

    def __init__(self, program: Program, step: Multiply) -> None:
        assert step.tensor is not None
        self.program = program
        self.writer = program.writer
        self.step = step
        self.tensor = step.tensor
        *outer, self.rows, self.columns = step.op.tile.shape
        self.entries = prod(outer)
        self.warps = program.plan.threads // WARP
        self.size = step.op.a.tile.dtype.itemsize
        self.is_whole = in_registers(program.plan, step.out) is not None
        self.left_held = in_registers(program.plan, step.a) is not None
        self.all_blocks = self.entries * self.rows // (self.warps * ROWS)  # that a thread has
        self.blocks = self.all_blocks  # of rows, at a time
        self.width = self.columns
        self.first = self.first_column = ""  # of a piece, where it is not the only one
        self.start_a, self.start_b = (program.buffers[x.buffer] for x in (step.a, step.b))
        if not self.is_whole:
            self._cut()

    def run(self) -> None:
        """The accumulator in registers, there already or brought there; then blocks along k."""
        out = self.program.buffers[self.step.out.buffer]
        if not self.is_whole:
            self._by_pieces(out)
            return
        if self.step.clear:
            self._clear(out)
        if self.tensor.by_group:
            self._begin_group(out)
        self._multiply(out)

    def _cut(self) -> None:
        """Choose pieces that leave as many registers as they take."""
        most = min(MOST_HELD, REGISTERS // self.program.plan.threads // 2)
        piece = PIECE // self.size if self.step.b.swizzle else 2 * COLUMNS
        across = 2 * piece
        while self.width // 2 > most and self.width % across == 0:
            self.width //= 2
        together = self.all_blocks if self.entries == 1 else self._of_an_entry()
        fitting = [n for n in range(1, together + 1) if together % n == 0]
        self.blocks = max(n for n in fitting if n == 1 or n * self.width // 2 <= most)

    def _by_pieces(self, out: str) -> None:
        """A piece of the result after another, brought to registers and back."""
        writer, kind = self.writer, type_of(self.step.op.tile.dtype)
        if self.tensor.by_group:
            self._begin_group(None)
        with ExitStack() as loops:
            self.first = self._loop(loops, "block", self.all_blocks, self.blocks)
            self.first_column = self._loop(loops, "first_column", self.columns, self.width)
            if not self.tensor.by_group:
                self._move_operands()
            out = self._moved_to(self.step.out, out, self._row(), self.first_column)
            held = writer.fresh("held")
            writer.add(f"{kind} {held}[{self._slots()}];")
            if self.step.clear:
                self._clear(held)
            else:
                self._move(out, held, is_load=True)
            self._multiply(held)
            self._move(out, held, is_load=False)

    def _loop(self, loops: ExitStack, name: str, end: int, by: int) -> str:
        """Open a loop over pieces; what says where one begins, nothing if there is one only."""
        if end == by:
            return ""
        place = self.writer.fresh(name)
        # Registers of the left operand are no memory: they have no place that a loop could count.
        self.writer.add("#pragma unroll" if self.left_held else "#pragma unroll 1")
        head = f"for (i32 {place} = 0; {place} < {end}; {place} += {by})"
        loops.enter_context(self.writer.block(head))
        return place

    def _row(self) -> str:
        """The first row of a piece of a warp, beyond those of its first block."""
        return f"{self.first} * {self.warps * ROWS}" if self.first else ""

    def _move_operands(self) -> None:
        """Let the operands begin where those of a piece do."""
        a, b, names = self.step.a, self.step.b, self.program.buffers
        if not self.left_held:
            self.start_a = self._moved_to(a, names[a.buffer], self._row(), "")
        if self.tensor.b_by_rows:
            self.start_b = self._moved_to(b, names[b.buffer], "", self.first_column)
        else:
            self.start_b = self._moved_to(across(b), names[b.buffer], self.first_column, "")

    def _moved_to(self, view: View, name: str, row: str, column: str) -> str:
        """Where a tile begins from a row and a column on; of swizzled ones a whole piece."""
        down, right = view.strides[-2:]
        if view.swizzle:
            down, right = PIECE // self.size, view.swizzle
        steps = [f"{text} * {by}" for text, by in ((row, down), (column, right)) if text]
        if not steps:
            return name
        kind = type_of(view.buffer.dtype)
        return self.writer.define(f"{kind}*", f"{name}_at", " + ".join((name, *steps)))

    def _clear(self, held: str) -> None:
        self.writer.add("#pragma unroll")
        slot = self.writer.fresh("slot")
        with self.writer.block(f"for (i32 {slot} = 0; {slot} < {self._slots()}; ++{slot})"):
            self.writer.add(f"{held}[{slot}] = 0;")

    def _multiply(self, held: str) -> None:
        if self.tensor.by_group:
            self._by_group(held)
        else:
            self._by_warp(held, self.step.op.a.tile.shape[-1])

    def _begin_group(self, held: str | None) -> None:
        """What four warps need before they multiply: the operands in shared memory, and where."""
        program, writer, step = self.program, self.writer, self.step
        name = self.tensor.instruction.replace(f"n{self.columns}k", f"n{self.width}k")
        self.function = f"{name}_held" if self.left_held else name
        by_rows = self.tensor.b_by_rows
        function = _group_function(self.function, self.width, by_rows, self.left_held)
        if function not in program.functions:
            program.functions.append(function)
        depth, groups = step.op.a.tile.shape[-1], self.warps // 4
        is_staged = {step.a.buffer, step.b.buffer} <= program.staged
        is_staged = is_staged or (self.left_held and step.b.buffer in program.staged)
        if not is_staged and not program.is_fenced:
            writer.add("fence_async();")
            writer.add("__syncthreads();")
        program.is_fenced = False
        a, b = (program.buffers[view.buffer] for view in (step.a, step.b))
        self.left = writer.fresh("left")
        if self.left_held:
            self._gather_words(self.left, depth)
        else:
            start = f"operand({a}, 16)"
            if groups > 1:
                group = f"__shfl_sync(0xffffffffu, thread / {4 * WARP}, 0)"
                first = writer.define("i32", "first_row", f"{group} * 64")
                start = f"{start} + {first} * {PIECE // 16}"
            writer.add(f"const u64 {self.left} = {start};")
        apart = depth * PIECE if by_rows else 16
        self.right = writer.define("u64", "right", f"operand({b}, {apart})")
        # A product that stays in registers may still be under way in the next round.
        self.is_deferred = held is not None and step in program.deferred and is_staged

    def _by_group(self, held: str) -> None:
        """Four warps at a time, for each 64 rows that they share."""
        program, writer = self.program, self.writer
        depth, groups = self.step.op.a.tile.shape[-1], self.warps // 4
        left, right = self.left, self.right
        if self.first and not self.left_held:
            rows = groups * 64 * PIECE // 16
            left = writer.define("u64", "left", f"{left} + {self.first} * {rows}")
        if self.first_column:
            column = depth * PIECE // (PIECE // self.size) if self.tensor.b_by_rows else PIECE
            right = writer.define("u64", "right", f"{right} + {self.first_column} * {column // 16}")
        if not self.is_deferred:
            writer.add(f"pin({held});")
        if self.left_held:
            writer.add(f"pin({left});")
        writer.add("wgmma_fence();")
        across = self.width // 4
        for k in range(0, depth, 16):
            piece, inside = k // 64, k % 64
            at_b = k * PIECE if self.tensor.b_by_rows else piece * self.columns * PIECE + inside * 2
            for block in range(self.blocks):
                at_a = (piece * self.rows * PIECE + inside * 2) // 16
                at_a += block * groups * 64 * PIECE // 16
                word = (block * depth + k) // 4
                ahead = f"{self.first} * {depth // 4} + " if self.first else ""
                own = [moved(left, at_a)]
                if self.left_held:
                    own = [f"{left}[{ahead}{word + n}]" for n in range(4)]
                operands = *own, moved(right, at_b // 16)
                target = moved(held, 2 * block * across)
                writer.add(f"{self.function}({target}, {', '.join(operands)});")
        writer.add("wgmma_commit();")
        if self.is_deferred:
            writer.add("wgmma_wait<1>();")
            program.in_flight[held] = None
        else:
            writer.add("wgmma_wait<0>();")
            writer.add(f"pin({held});")

    def _gather_words(self, name: str, depth: int) -> None:
        """The words of the left operand, from the registers in which its elements lie."""
        writer, blocks, steps = self.writer, self.all_blocks, depth // 16
        m, k = writer.fresh("m"), writer.fresh("k")
        writer.add(f"u32 {name}[{blocks * steps * 4}];")
        writer.add("#pragma unroll")
        with writer.block(f"for (i32 {m} = 0; {m} < {blocks}; ++{m})"):
            writer.add("#pragma unroll")
            with writer.block(f"for (i32 {k} = 0; {k} < {steps}; ++{k})"):
                for word, text in enumerate(self._held_words(k, m)):
                    writer.add(f"{name}[({m} * {steps} + {k}) * 4 + {word}] = {text};")

    def _held_words(self, k: str, block: str) -> list[str]:
        """The left operand's four words in a step along k, of a block of rows, from registers: two
        neighbours each, as products are held too.
        """
        name = self.program.buffers[self.step.a.buffer]
        across = self.step.op.a.tile.shape[-1] // 4
        words = []
        for word in range(4):
            row = f"(2 * {block} + 1)" if word % 2 else f"2 * {block}"
            place = f"{row} * {across} + {k} * 4"
            first = moved(place, word // 2 * 2)
            words.append(f"pair_of({name}[{first}], {name}[{place} + {word // 2 * 2 + 1}])")
        return words

    def _by_warp(self, held: str, depth: int) -> None:
        writer = self.writer
        k = writer.fresh("k")
        unroll = depth // self.tensor.depth
        is_whole = unroll <= 4 or self.left_held
        writer.add("#pragma unroll" if is_whole else "#pragma unroll 4")
        with writer.block(f"for (i32 {k} = 0; {k} < {depth}; {k} += {self.tensor.depth})"):
            self._block(k, held)

    def _slots(self) -> int:
        return self.blocks * self.width // 2

    def _of_an_entry(self) -> int:
        """How many blocks of rows of one matrix of a batch a warp has, one behind the other."""
        at_once = ROWS * self.warps
        return self.rows // at_once if self.rows % at_once == 0 else 1

    def _block(self, k: str, held: str) -> None:
        """What one step along k adds: left operands of all row blocks, then pairs of columns."""
        writer, blocks = self.writer, self.blocks
        words = self.tensor.depth * self.size // 4  # of a row of the left operand
        assert words == 8
        left = writer.fresh("a")
        writer.add(f"u32 {left}[{blocks}][4];")
        writer.add("#pragma unroll")
        m, n = writer.fresh("m"), writer.fresh("n")
        with writer.block(f"for (i32 {m} = 0; {m} < {blocks}; ++{m})"):
            if self.left_held:
                for word, text in enumerate(
                    self._held_words(f"{k} / 16", f"({self.first} + {m})" if self.first else m)
                ):
                    writer.add(f"{left}[{m}][{word}] = {text};")
            else:
                row = f"({m} * {self.warps} + thread / 32) * 16 + thread % 16"
                column = f"{k} + thread % 32 / 16 * {self.tensor.depth // 2}"
                address = self._address(self.start_a, self.step.a, row, column)
                writer.add(f"ldmatrix_x4({left}[{m}], {address});")
        right, multiply = writer.fresh("b"), writer.fresh("multiply_tiles")
        call = f"{self.tensor.instruction}(d, a, b);"
        writer.add(f"const auto {multiply} = [](auto& d, auto& a, auto& b) {{ {call} }};")
        with self._of_a_batch() as (start, first, count):
            writer.add("#pragma unroll")
            with writer.block(f"for (i32 {n} = 0; {n} < {self.width // 8}; {n} += 2)"):
                writer.add(f"u32 {right}[4];")
                self._right(start, k, n, right)
                writer.add("#pragma unroll")
                with writer.block(f"for (i32 {m} = 0; {m} < {count}; ++{m})"):
                    block = m if first == "0" else f"({first} + {m})"
                    across = self.width // 4  # slots of a row
                    for half in range(2):
                        column = f"({n} + {half})" if half else n
                        low = f"{held} + 2 * {block} * {across} + {column} * 2"
                        pair = f"{right}[{2 * half}], {right}[{2 * half + 1}]"
                        added = f"{left}[{block}], {pair}"
                        writer.add(f"tensor_add<{across}>({multiply}, {low}, {added});")

    @contextmanager
    def _of_a_batch(self) -> Iterator[tuple[str, str, int]]:
        """For each matrix of a batch that a warp has rows of: where the right operand begins, the
        first of the warp's blocks of rows in it, and how many these are.
        """
        writer, blocks = self.writer, self.blocks
        if self.entries == 1:
            yield self.start_b, "0", blocks
            return
        count = self._of_an_entry()
        if self.first:
            yield self._entry(self.first, f"{self.first} / {count}"), "0", blocks
            return
        block = writer.fresh("matrix")
        writer.add("#pragma unroll")
        with writer.block(f"for (i32 {block} = 0; {block} < {blocks // count}; ++{block})"):
            first = block if count == 1 else f"{block} * {count}"
            yield self._entry(block, block), first, count

    def _entry(self, block: str, entry: str) -> str:
        """Where the right operand's matrix lies that a block of rows is multiplied by: an entry of
        the batch if all warps have rows of that.
        """
        view = self.step.b
        name, kind = self.program.buffers[view.buffer], type_of(view.buffer.dtype)
        if self.rows % (ROWS * self.warps):
            entry = f"({block} * {self.warps} + thread / {WARP}) * {ROWS} / {self.rows}"
        text = f"{self.start_b} + {entry} * {view.strides[0]}"
        return self.writer.define(f"const {kind}*", f"{name}_at", text)

    def _right(self, start: str, k: str, n: str, right: str) -> None:
        """Two neighbouring blocks of 8 columns of the right operand."""
        view = self.step.b
        if self.tensor.b_by_rows:
            row, column = f"{k} + thread % 16", f"{n} * 8 + thread % 32 / 16 * 8"
            address = self._address(start, view, row, column)
            self.writer.add(f"ldmatrix_x4_trans({right}, {address});")
            return
        half = self.tensor.depth // 2
        column = f"{n} * 8 + thread % 32 / 16 * 8 + thread % 8"
        row = f"{k} + thread % 16 / 8 * {half}"
        address = self._address(start, across(view), column, row)
        self.writer.add(f"ldmatrix_x4({right}, {address});")

    def _address(self, name: str, view: View, row: str, column: str) -> str:
        if view.swizzle:
            return f"{name} + swizzled<{view.swizzle}>({row}, {column})"
        start = f" + {view.offset}" if view.offset else ""
        return f"{name}{start} + ({row}) * {view.strides[-2]} + {column}"

    def _move(self, out: str, held: str, is_load: bool) -> None:
        """Between memory and the registers that the tensor cores use."""
        writer, view, across = self.writer, self.step.out, self.width // 4
        writer.add("#pragma unroll")
        slot = writer.fresh("slot")
        with writer.block(f"for (i32 {slot} = 0; {slot} < {self._slots()}; ++{slot})"):
            turn, place = f"{slot} / {across}", f"{slot} % {across}"
            row = f"({turn} / 2 * {self.warps} + thread / 32) * 16 + {turn} % 2 * 8"
            row = f"({row} + thread % 32 / 4)"
            column = f"({place} / 2 * 8 + thread % 4 * 2 + {place} % 2)"
            offset = f"{view.offset} + {row} * {view.strides[-2]} + {column} * {view.strides[-1]}"
            here, there = f"{held}[{slot}]", f"{out}[{offset}]"
            text = f"{here} = {there}" if is_load else f"{there} = {here}"
            writer.add(f"{text};")


def _group_function(name: str, columns: int, b_by_rows: bool, is_held: bool) -> str:
    """The function that multiplies 64 rows by so many columns, 16 along k."""
    across = columns // 4
    places = []
    for j in range(columns // 8):
        places += [2 * j, 2 * j + 1, across + 2 * j, across + 2 * j + 1]
    dtype = name.split("_")[2]
    registers = ", ".join(f"%{n}" for n in range(len(places)))
    count = len(places)
    words = 4 if is_held else 1  # that name the left operand
    a = ", ".join(f"%{count + n}" for n in range(words))
    a, b = f"{{{a}}}" if is_held else a, count + words
    outputs = ",\n        ".join(
        ", ".join(f'"+f"(d[{place}])' for place in places[n : n + 4])
        for n in range(0, len(places), 4)
    )
    parameters = "u32 a0, u32 a1, u32 a2, u32 a3" if is_held else "u64 a"
    inputs = '"r"(a0), "r"(a1), "r"(a2), "r"(a3)' if is_held else '"l"(a)'
    turns = f"{int(b_by_rows)}" if is_held else f"0, {int(b_by_rows)}"
    where = "the left one in registers" if is_held else "out of shared memory"
    return f"""// d += a @ b, 64 x 16 by 16 x {columns}, {where}.
__device__ __forceinline__ void {name}(f32* d, {parameters}, u64 b) {{
  asm volatile("wgmma.mma_async.sync.aligned.m64n{columns}k16.f32.{dtype}.{dtype} "
      "{{{registers}}}, {a}, %{b}, 1, 1, 1, {turns};"
      : {outputs}
      : {inputs}, "l"(b));
}}
"""
