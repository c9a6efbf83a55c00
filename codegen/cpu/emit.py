"""Prints a function and its plan as LLVM IR: the entry, scalars, control flow.

The entry runs a range of programs: `int32 entry(services, arguments, first, last)`. Nothing is decided
here; what a loop does is printed by `emit_loop`, products by `emit_matrix`.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import Array, Tile, index

from ..abi import WORD, argument_layout
from ..target import Target
from .emit_access import Accesses, ArrayText
from .emit_elementwise import emit_elementwise
from .emit_loop import LoopEmitter
from .emit_matrix import emit_multiply
from .emit_sequential import emit_sequential
from .spelling import constant, element, memory_element
from .steps import (
    ZEROS_OFFSET,
    Branch,
    Compute,
    Leave,
    Loop,
    Multiply,
    Plan,
    Repeat,
    RepeatWhile,
    Sequential,
    Splice,
    Step,
    padded,
)
from .writer import Level, Val, Writer

FAIL_OFFSET: Final = 8
PRINT_OFFSET: Final = 16


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
        self.flags = "fast " if "fastmath" in function.options else ""
        self.accesses = Accesses(self.writer, function)
        self.loops = LoopEmitter(self)
        self.returns: list[tuple[str, list[tuple[str, list[Val]]]]] = []
        self.program: Val
        self.grid: list[Val] = []

    def text(self) -> str:
        """The whole module."""
        writer = self.writer
        self._read_arguments()
        first, last = (Val(name, "i64", 0, writer.level) for name in ("%first", "%last"))
        writer.loop(first.text, last.text, "1", [], self._program_body)
        writer.add("ret i32 0")
        machine = self.target.machine
        features = f' "target-features"="{machine.features}"' if machine.features else ""
        wide = ' "prefer-vector-width"="512"' if machine.vector_bytes == 64 else ""
        lines = [
            f'target triple = "{machine.triple}"',
            "",
            f"define i32 @{self.plan.entry}(ptr noalias %services, ptr noalias readonly %arguments, "
            "i64 %first, i64 %last) #0 {",
            "entry:",
            *writer.level.lines,
            "failed:",
            "  ret i32 1",
            "}",
            "",
            *writer.declarations,
            "",
            f'attributes #0 = {{ nounwind "no-builtins" "no-stack-arg-probe" "target-cpu"="{machine.cpu}"'
            f"{features}{wide} }}",
        ]
        return "\n".join(lines) + "\n"

    # --- entry

    def _read_arguments(self) -> None:
        writer = self.writer
        scratch = writer.put("load ptr, ptr %services, align 8, !invariant.load !{}", "ptr", 0)
        self.accesses.scratch = scratch
        self.accesses.zeros = self.accesses.scratch_address(ZEROS_OFFSET)
        writer.add(f"store <8 x i64> zeroinitializer, {self.accesses.zeros}, align 64")
        for axis in range(3):
            self.grid.append(self._word(axis * WORD, "i64"))
        layout = argument_layout(self.function)
        for slot, parameter in zip(layout.slots, self.function.parameters, strict=True):
            if isinstance(parameter.type, Array):
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
                continue
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

    def _program_body(self, program: Val, _: list[Val]) -> list[Val] | None:
        writer = self.writer
        self.program = program
        x, y, _z = self.grid
        rest = writer.put(f"udiv i64 {program.text}, {x.text}", "i64", 0)
        self.ids = [
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
                case Compute(op):
                    self.compute(op)
                case Loop():
                    self.loops.emit(step)
                case Multiply():
                    emit_multiply(self, step)
                case Sequential():
                    emit_sequential(self, step)
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

    def leave(self, op: ir.Op) -> list[Val] | None:
        """End a block: its scalars are what it yields, or go with the jump."""
        writer = self.writer
        match op:
            case ir.Yield(values):
                return self.scalars(values)
            case ir.Break(values):
                frame = writer.frames[-1]
                writer.add(f"br label %{frame.after}")
                frame.breaks.append((writer.level.label, self.scalars(values)))
            case ir.Continue(values):
                frame = writer.frames[-1]
                writer.add(f"br label %{frame.next}")
                frame.continues.append((writer.level.label, self.scalars(values)))
            case ir.Return(values) if self.returns:
                label, edges = self.returns[-1]
                writer.add(f"br label %{label}")
                edges.append((writer.level.label, self.scalars(values)))
            case ir.Return():
                frame = writer.frames[0]
                writer.add(f"br label %{frame.next}")
                frame.continues.append((writer.level.label, []))
            case _:
                raise AssertionError(op)
        writer.level.left = True
        return None

    def scalars(self, values: tuple[ir.Value, ...]) -> list[Val]:
        """The values that are scalars: tiles lie in memory."""
        return [self.scalar(value) for value in values if not value.tile.shape]

    def _bind(self, values: tuple[ir.Value, ...], texts: list[Val] | None) -> None:
        named = [value for value in values if not value.tile.shape]
        for value, text in zip(named, texts or [], strict=texts is not None):
            self.writer.level.known[(value, ())] = text

    def _branch(self, step: Branch) -> None:
        condition = self.scalar(step.op.condition)
        results = self.writer.branch(
            condition.text, lambda: self.steps(step.then), lambda: self.steps(step.orelse)
        )
        if results is not None:
            self._bind(step.op.results, results)

    def _repeat(self, step: Repeat) -> None:
        op = step.op
        start, stop, by = (self._as_index(value) for value in (op.start, op.stop, op.step))
        counter, *carried = op.body.parameters

        def body(i: Val, values: list[Val]) -> list[Val] | None:
            self.writer.level.known[(counter, ())] = self._from_index(i, counter.tile)
            self._bind(tuple(carried), values)
            return self.steps(step.body)

        results = self.writer.loop(
            start.text,
            stop.text,
            by.text,
            self.scalars(op.inits),
            body,
            downwards=self._downwards(by),
        )
        self._bind(op.results, results)

    def _downwards(self, step: Val) -> str | None:
        if step.text.lstrip("-").isdigit():
            return "true" if step.text.startswith("-") else None
        return self.writer.put(f"icmp slt i64 {step.text}, 0", "i1", 0).text

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

        self._bind(op.results, self.writer.loop_while(self.scalars(op.inits), condition, body))

    def _splice(self, step: Splice) -> None:
        writer = self.writer
        outer = writer.level
        after = writer.label("returned")
        edges: list[tuple[str, list[Val]]] = []
        self.returns.append((after, edges))
        frames, writer.frames = writer.frames, []
        level = writer.inside(outer.label)
        last = self.steps(step.body)
        writer.frames = frames
        self.returns.pop()
        if last is not None:
            writer.add(f"br label %{after}")
            edges.append((level.label, last))
        writer.splice(level)
        writer.level.left = False
        writer.level.lines.append(f"{after}:")
        writer.level.label = after
        self._bind(step.op.results, writer.merge(edges))

    # --- scalars

    def scalar(self, value: ir.Value) -> Val:
        """The text of a scalar."""
        found = self.writer.known((value, ()))
        if found is not None:
            return found
        assert isinstance(value, ir.Op), f"{value!r} is not known here"
        return self.compute(value)

    def compute(self, op: ir.Op) -> Val:
        """Print a scalar op at the current level."""
        writer = self.writer
        level = writer.level
        result = self._compute(op, level)
        if result is not None:
            level.known[(op, ())] = result
            return result
        return Val("", "void", 0, level)

    def _compute(self, op: ir.Op, level: Level) -> Val | None:
        writer = self.writer
        match op:
            case ir.Const(value, Tile(dtype, ())):
                return Val(constant(value, dtype), element(dtype), 0, level)
            case ir.ProgramId(axis):
                return self.ids[axis]
            case ir.NumPrograms(axis):
                return self.grid[axis]
            case ir.Extent(source, axis):
                return self.accesses.array(source).extents[axis]
            case ir.Stride(source, axis):
                return self.accesses.array(source).strides[axis]
            case ir.Address(source):
                return self.accesses.array(source).pointer
            case ir.SubArray():
                positions = [self._as_index(x) for x in op.position]
                self.accesses.arrays[op] = self.accesses.sub_array(op, positions)
                return None
            case ir.Load():
                fill = None if op.fill is None else self.scalar(op.fill)
                mask = None if op.mask is None else self.scalar(op.mask)
                return self.accesses.load_scalar(
                    op, [self._as_index(x) for x in op.position], mask, fill
                )
            case ir.Store():
                mask = None if op.mask is None else self.scalar(op.mask)
                positions = [self._as_index(x) for x in op.position]
                self.accesses.store_scalar(op, positions, self.scalar(op.value), mask)
                return None
            case ir.LoadPointer():
                fill = None if op.fill is None else self.scalar(op.fill)
                mask = None if op.mask is None else self.scalar(op.mask)
                return self.accesses.load_at(self.scalar(op.pointer), op.tile.dtype, mask, fill)
            case ir.StorePointer():
                mask = None if op.mask is None else self.scalar(op.mask)
                self.accesses.store_at(
                    self.scalar(op.pointer), self.scalar(op.value), op.value.tile.dtype, mask
                )
                return None
            case ir.Reshape(x):
                view = self.plan.views[x]
                return self.accesses.read_element(view, view.offset, x.tile.dtype)
            case ir.Print():
                self._print(op)
                return None
            case ir.Check(condition):
                self.fail_unless(
                    self.scalar(condition).text, op, [self.scalar(x) for x in op.values]
                )
                return None
            case ir.Assume(condition):
                text = self.scalar(condition)
                writer.declarations.setdefault("declare void @llvm.assume(i1)")
                writer.add(f"call void @llvm.assume(i1 {text.text})")
                return None
            case ir.Breakpoint():
                return None
            case _:
                operands = [self.scalar(x) for x in op.operands]
                return emit_elementwise(writer, op, operands, level, self.flags)

    def _as_index(self, value: ir.Value) -> Val:
        """A scalar integer in 64 bits."""
        return self.accesses.widened(self.scalar(value), value.tile.dtype)

    def _from_index(self, counter: Val, tile: Tile) -> Val:
        """A loop counter in the dtype of the loop's variable."""
        kind = element(tile.dtype)
        if tile.dtype is index or kind == "i64":
            return counter
        return self.writer.put(f"trunc i64 {counter.text} to {kind}", kind, 0)

    # --- what reports to the host

    def fail_unless(self, condition: str, op: ir.Check, values: list[Val]) -> None:
        """Report a failure to the host and leave the entry, unless a condition holds."""
        writer = self.writer

        def fail() -> None:
            address = writer.put(f"getelementptr i8, ptr %services, i64 {FAIL_OFFSET}", "ptr", 0)
            function = writer.put(f"load ptr, {address}, align 8", "ptr", 0)
            for k, value in enumerate(values):
                slot = writer.put(f"getelementptr i64, {self.accesses.scratch}, i64 {k}", "ptr", 0)
                writer.add(f"store {value}, {slot}, align 8")
            writer.add(
                f"call void {function.text}(ptr %services, i32 {op.code}, i32 {op.place}, "
                f"{self.accesses.scratch}, i64 {len(values)})"
            )
            writer.add("br label %failed")
            writer.level.left = True

        writer.branch(condition, list, fail)

    def _print(self, op: ir.Print) -> None:
        """Hand the raw values of a print to the host, one after another."""
        writer = self.writer
        area = self.plan.views[op]
        offset = 0
        for value in op.values:
            target = self.accesses.scratch_address(area.buffer.offset + offset)
            if value.tile.shape:
                self.accesses.copy_out(
                    self.plan.views[value], value.tile.shape, value.tile.dtype, target
                )
            else:
                self.accesses.store_at(target, self.scalar(value), value.tile.dtype, None)
            offset += padded(value.tile)
        address = writer.put(f"getelementptr i8, ptr %services, i64 {PRINT_OFFSET}", "ptr", 0)
        function = writer.put(f"load ptr, ptr {address.text}, align 8", "ptr", 0)
        data = self.accesses.scratch_address(area.buffer.offset)
        writer.add(
            f"call void {function.text}(ptr %services, i32 {op.place}, {self.program}, {data}, i64 {offset})"
        )
