"""Prints a function and its plan as LLVM IR: the entry, scalars, control flow.

The entry runs a range of programs: `int32 entry(services, arguments, first, last)`. Nothing is
decided here; what a loop does is printed by `emit_loop`, products by `emit_matrix`.
"""

from __future__ import annotations

from tilewright.dsl import ir
from tilewright.dsl.types import Array

from ..abi import WORD, argument_layout
from ..planning.scratch import ZEROS_OFFSET
from ..planning.steps import (
    Branch,
    Compute,
    Leave,
    Pick,
    Repeat,
    RepeatWhile,
    Sequential,
    Show,
    Splice,
    Step,
    padded,
)
from ..target import Target
from .emit_access import ArrayText
from .emit_ahead import fetch_pieces
from .emit_copies import Copies
from .emit_dots import DotProduct
from .emit_histogram import emit_histogram
from .emit_interleave import emit_interleave
from .emit_loan import emit_loan
from .emit_loop import emit_loop
from .emit_matrix import Product
from .emit_memo import Memos
from .emit_order import emit_sort
from .emit_report import hand_over
from .emit_scalar import Scalars
from .emit_sequential import emit_sequential
from .emit_tiles import TileProduct
from .spelling import memory_element
from .steps import (
    Arrange,
    Borrow,
    Count,
    Interleave,
    Loop,
    Memoize,
    Multiply,
    Plan,
)
from .writer import Val, Writer


def emit(function: ir.Function, plan: Plan, target: Target) -> str:
    """The LLVM IR of a planned function."""
    return Emitter(function, plan, target).text()


class Emitter:
    """One function being printed."""

    def __init__(self, function: ir.Function, plan: Plan, target: Target) -> None:
        self.function = function
        self.plan = plan
        self.target = target
        self.writer = Writer(target.machine)
        self.scalars = Scalars(function, self.writer)
        self.accesses = self.scalars.accesses
        self.program: Val

    def text(self) -> str:
        """The whole module."""
        writer = self.writer
        self._read_arguments()
        if self.plan.copies:
            Copies(self.scalars, self.plan.copies).begin()
        first, last = (Val(name, "i64", 0, writer.level) for name in ("%first", "%last"))
        writer.loop(first.text, last.text, "1", [], self._program_body)
        if writer.has_streams:  # ordered like other stores before anybody is told of them
            writer.declarations.setdefault("declare void @llvm.x86.sse.sfence()")
            writer.add("call void @llvm.x86.sse.sfence()")
        writer.add("ret i32 0")
        machine = self.target.machine
        features = f' "target-features"="{machine.features}"' if machine.features else ""
        wide = ' "prefer-vector-width"="512"' if machine.vector_bytes == 64 else ""
        lines = [
            f'target triple = "{machine.triple}"',
            "",
            f"define i32 @{self.plan.entry}(ptr noalias %services, "
            "ptr noalias readonly %arguments, i64 %first, i64 %last) #0 {",
            "entry:",
            *writer.slots.values(),
            *writer.level.lines,
            "failed:",
            "  ret i32 1",
            "}",
            "",
            *writer.declarations,
            "",
            'attributes #0 = { nounwind "no-builtins" "no-stack-arg-probe" '
            f'"target-cpu"="{machine.cpu}"{features}{wide} }}',
        ]
        return "\n".join(lines) + "\n"

    # --- entry

    def _read_arguments(self) -> None:
        writer = self.writer
        scratch = writer.put("load ptr, ptr %services, align 8, !invariant.load !{}", "ptr", 0)
        if self.plan.memos:
            tiles = f"getelementptr i8, {scratch}, i64 {self.plan.memo_bytes}"
            scratch = writer.put(tiles, "ptr", 0)
        self.accesses.scratch = scratch
        self.memos = Memos(self.scalars, self.plan.memos)
        self.accesses.zeros = self.accesses.scratch_address(ZEROS_OFFSET)
        writer.add(f"store <8 x i64> zeroinitializer, {self.accesses.zeros}, align 64")
        for axis in range(3):
            self.scalars.grid.append(self._word(axis * WORD, "i64"))
        layout = argument_layout(self.function)
        for slot in layout.slots:
            parameter = self.function.parameters[slot.parameter]
            if slot.kind == "allocation":
                start, size = (self._word(slot.offset + n * WORD, "i64") for n in range(2))
                self.scalars.allocations[parameter] = start, size
            elif isinstance(parameter.type, Array):
                array = parameter.type
                pointer = self._word(slot.offset, "ptr")
                extents, strides = [], []
                for axis in range(array.rank):
                    fixed = array.extents[axis]
                    extents.append(
                        Val(str(fixed), "i64", 0, writer.level)
                        if fixed is not None
                        else self._word(slot.offset + (1 + axis) * WORD, "i64")
                    )
                    strides.append(
                        Val("1", "i64", 0, writer.level)
                        if axis == array.unit_axis
                        else self._word(slot.offset + (1 + array.rank + axis) * WORD, "i64")
                    )
                self.accesses.arrays[parameter] = ArrayText(
                    pointer, tuple(extents), tuple(strides), None
                )
            else:
                dtype = parameter.tile.dtype
                value = self._word(slot.offset, memory_element(dtype))
                if dtype.is_bool:
                    value = writer.put(f"icmp ne i8 {value.text}, 0", "i1", 0)
                writer.level.known[(parameter, ())] = value

    def _word(self, offset: int, kind: str) -> Val:
        address = self.writer.put(f"getelementptr i8, ptr %arguments, i64 {offset}", "ptr", 0)
        return self.writer.put(
            f"load {kind}, ptr {address.text}, align 8, !invariant.load !{{}}", kind, 0
        )

    def _program_body(self, program: Val, carried: list[Val]) -> list[Val] | None:
        writer = self.writer
        self.program = program
        self.memos.begin_program()
        x, y = self.scalars.grid[:2]
        rest = writer.put(f"udiv i64 {program.text}, {x.text}", "i64", 0)
        self.scalars.ids = [
            writer.put(f"urem i64 {program.text}, {x.text}", "i64", 0),
            writer.put(f"urem i64 {rest.text}, {y.text}", "i64", 0),
            writer.put(f"udiv i64 {rest.text}, {y.text}", "i64", 0),
        ]
        return self.steps(self.plan.steps)

    # --- steps

    def steps(self, steps: tuple[Step, ...]) -> list[Val] | None:
        """Print a block; its scalar results, or None if control left it."""
        for step in steps:
            if self.writer.level.left:
                return None
            match step:
                case Loop():
                    emit_loop(self.scalars, step)
                    continue
            self.writer.mark(step.op)
            match step:
                case Compute(op):
                    self.scalars.compute(op)
                case Pick(op, source):
                    dtype = op.tile.dtype
                    value = self.accesses.read_element(source, source.offset, dtype)
                    self.writer.level.known[(op, ())] = value
                case Show():
                    self._show(step)
                case Multiply():
                    self._multiply(step)
                case Interleave():
                    emit_interleave(self.scalars, step)
                case Borrow():
                    emit_loan(self.scalars, step, self.steps)
                case Memoize():
                    self.memos.emit(step, self.steps)
                case Sequential():
                    emit_sequential(self.scalars, step, self.steps)
                case Arrange():
                    emit_sort(self.scalars, step)
                case Count():
                    emit_histogram(self.scalars, step)
                case Branch():
                    self._branch(step)
                case Repeat():
                    self._repeat(step)
                case RepeatWhile():
                    self._repeat_while(step)
                case Splice():
                    self._splice(step)
                case Leave(op):
                    return self.leave(op)
        return None if self.writer.level.left else []

    def _multiply(self, step: Multiply) -> None:
        """A product, by the widest instructions for its operands."""
        if step.op.a.tile.dtype is step.op.result_dtype:
            Product(self.scalars, step).run()
        elif self.target.machine.has_tiles:
            TileProduct(self.scalars, step).run()
        else:
            DotProduct(self.scalars, step).run()

    def leave(self, op: ir.Op) -> list[Val] | None:
        """End a block: its scalars are what it yields, or go with the jump."""
        writer = self.writer
        match op:
            case ir.Yield(values):
                return self._texts(values)
            case ir.Break(values):
                writer.leave_loop(self._texts(values))
            case ir.Continue(values):
                writer.next_round(self._texts(values))
            case ir.Return(values) if writer.landings:
                writer.land(self._texts(values))
            case ir.Return():
                writer.next_round([], outermost=True)
            case _:
                raise AssertionError(op)
        writer.level.left = True
        return None

    def _texts(self, values: tuple[ir.Value, ...]) -> list[Val]:
        """The values that are scalars: tiles lie in memory."""
        return [self.scalars.scalar(value) for value in values if not value.tile.shape]

    def _bind(self, values: tuple[ir.Value, ...], texts: list[Val] | None) -> None:
        named = [value for value in values if not value.tile.shape]
        for value, text in zip(named, texts or [], strict=texts is not None):
            self.writer.level.known[(value, ())] = text

    def _branch(self, step: Branch) -> None:
        condition = self.scalars.scalar(step.op.condition)
        results = self.writer.branch(
            condition.text, lambda: self.steps(step.then), lambda: self.steps(step.orelse)
        )
        if results is not None:
            self._bind(step.op.results, results)

    def _repeat(self, step: Repeat) -> None:
        op = step.op

        def body(values: list[Val]) -> list[Val] | None:
            self._bind(op.body.parameters[1:], values)
            return self.steps(step.body)

        fetch_pieces(self.scalars, op)
        results = self.scalars.loop(op, self._texts(op.inits), body)
        self._bind(op.results, results)

    def _repeat_while(self, step: RepeatWhile) -> None:
        op = step.op

        def condition(values: list[Val]) -> str:
            self._bind(op.condition.parameters, values)
            texts = self.steps(step.condition)
            assert texts is not None
            return texts[0].text

        def body(values: list[Val]) -> list[Val] | None:
            self._bind(op.body.parameters, values)
            return self.steps(step.body)

        self._bind(op.results, self.writer.loop_while(self._texts(op.inits), condition, body))

    def _splice(self, step: Splice) -> None:
        self._bind(step.op.results, self.writer.inlined(lambda: self.steps(step.body)))

    def _show(self, step: Show) -> None:
        """Hand the raw values of a print to the host, one after another."""
        offset = 0
        for value, source in zip(step.op.values, step.sources, strict=True):
            dtype = value.tile.dtype
            target = self.accesses.scratch_address(step.area.offset + offset)
            if source is None:
                self.accesses.store_at(target, self.scalars.scalar(value), dtype, None)
            else:
                self.accesses.copy_out(source, value.tile.shape, dtype, target)
            offset += padded(value.tile)
        data = self.accesses.scratch_address(step.area.offset)
        hand_over(self.writer, step.op, self.program, data, offset)
