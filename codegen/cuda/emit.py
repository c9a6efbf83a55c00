"""Prints a function and its plan as CUDA C++: the entry, its arguments, control flow.

Nothing is decided here. A block of threads runs a program; scalars are computed by every thread,
tiles by loops that deal their elements to the threads (`emit_loop`).
"""

from __future__ import annotations

from collections.abc import Sequence
from re import findall
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import Array

from ..abi import argument_layout
from ..planning.steps import (
    Branch,
    Compute,
    Leave,
    Pick,
    Repeat,
    RepeatWhile,
    Show,
    Splice,
    Step,
)
from ..target import Target
from .control import assign, loop_head
from .emit_fetches import begin_turns
from .emit_loop import emit_loop
from .emit_order import emit_count, emit_sort
from .emit_products import emit_product
from .emit_reports import emit_show
from .emit_ring import emit_ring
from .emit_rounds import emit_rounds
from .prelude import prelude_of
from .program import ArrayText, Program
from .spelling import memory_type, type_of
from .steps import Arrange, Barrier, Combine, Count, Loop, Multiply, Plan, Registers, Ring, Shared

BARRIER: Final = "__syncthreads();"


def emit(function: ir.Function, plan: Plan, target: Target) -> str:
    """The CUDA C++ of a planned function, with the part of the prelude that it uses."""
    body = Emitter(Program(function, plan, target)).text()
    words = set(findall(r"[A-Za-z_]\w*", body))
    return f"{prelude_of(words)}\n{body}"


class Emitter:
    """One function being printed."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.writer = program.writer
        self.results: list[list[str]] = []  # variables that the blocks around give their values to
        self.rounds: list[list[str]] = []  # variables that the loops around carry
        self.landings: list[tuple[str, list[str]]] = []  # labels and variables of inlined functions

    def text(self) -> str:
        """Everything from the struct of the arguments on."""
        program, writer, plan = self.program, self.writer, self.program.plan
        arguments = self._arguments()
        self._begin()
        if plan.scratch_bytes:
            first = "for (i64 program = blockIdx.x; program < services.programs;"
            with writer.block(f"{first} program += gridDim.x)"):
                self._program()
                writer.add(BARRIER)
        else:
            writer.add("const i64 program = blockIdx.x;")
            self._program()
        if any("meeting" in line for line in writer.lines):
            words = program.meeting_words()
            writer.lines.insert(1, f"  __shared__ __align__(1024) u64 meeting[{words}];")
        kinds = ["Arguments arguments", "Services services"]
        kinds += [f"TensorMap {name}" for name in program.maps.values()]
        space = f",\n{' ' * len(plan.entry)} "
        bounds = f"{plan.threads}, {plan.blocks}" if plan.blocks else plan.threads
        head = [
            f'extern "C" __global__ void __launch_bounds__({bounds})',
            f"{plan.entry}({space.join(f'const __grid_constant__ {kind}' for kind in kinds)}) {{",
        ]
        return "\n".join([*arguments, "", *program.functions, *head, *writer.lines, "}", ""])

    # --- entry

    def _arguments(self) -> list[str]:
        """The struct that the argument block is; what its parts are called from now on."""
        program = self.program
        lines = ["struct Arguments {", "  i64 grid[3];"]
        for slot in argument_layout(program.function).slots:
            parameter = program.function.parameters[slot.parameter]
            if slot.kind == "allocation":
                name = self.writer.fresh(f"{parameter.name or 'array'}_memory")
                lines.append(f"  struct {{ i64 start, size; }} {name};")
                program.allocations[parameter] = f"arguments.{name}"
                continue
            name = self.writer.fresh(parameter.name or "argument")
            match parameter.type:
                case Array(dtype) as array:
                    rank = array.rank
                    shape = f" i64 extent[{rank}], stride[{rank}];" if rank else ""
                    lines.append(f"  struct {{ {memory_type(dtype)}* data;{shape} }} {name};")
                    program.arrays[parameter] = _array_text(array, f"arguments.{name}")
                case tile:
                    kind = memory_type(tile.dtype)
                    lines.append(f"  alignas(8) {kind} {name};")
                    text = f"arguments.{name}"
                    if tile.dtype.is_bool:
                        text = f"({text} != 0)"
                    program.scalars[parameter] = text
        return [*lines, "};"]

    def _begin(self) -> None:
        program, writer, plan = self.program, self.writer, self.program.plan
        writer.add("const i32 thread = threadIdx.x;")
        writer.add(f"__builtin_assume(0 <= thread && thread < {plan.threads});")
        if program.plan.shared_bytes:
            writer.add("extern __shared__ __align__(1024) u8 shared[];")
        if plan.scratch_bytes:
            size = -(-plan.scratch_bytes // 256) * 256
            writer.add(f"u8* const scratch = services.scratch + blockIdx.x * {size}ll;")
        for buffer, place in plan.places.items():
            name = writer.fresh(buffer.name)
            program.buffers[buffer] = name
            kind = type_of(buffer.dtype)
            match place:
                case Registers(layout):
                    start = "" if layout.is_full else " = {}"
                    writer.add(f"{kind} {name}[{layout.slots}]{start};")
                case Shared(offset):
                    start = f"shared + {offset}" if offset else "shared"
                    writer.add(f"{kind}* const {name} = reinterpret_cast<{kind}*>({start});")
                case _:
                    start = f"scratch + {place.offset}"
                    writer.add(f"{kind}* const {name} = reinterpret_cast<{kind}*>({start});")
        for one in plan.tensor_maps:
            program.maps[one] = writer.fresh(f"map_{one.parameter.name or 'array'}")
        for ring in plan.rings:
            if ring.by_tma:
                program.turns[ring] = begin_turns(writer, ring)

    def _program(self) -> None:
        """The body of one program; a program of several on a block ends at a label."""
        label = self.writer.fresh("next_program")
        is_looping = bool(self.program.plan.scratch_bytes)
        if not is_looping:
            self.steps(self.program.plan.steps)
            return
        self.landings.append((label, []))
        with self.writer.block(""):
            self.steps(self.program.plan.steps)
        self.landings.pop()
        self.writer.add(f"{label}:;")

    # --- steps

    def steps(self, steps: Sequence[Step]) -> None:
        """Print a block."""
        for step in steps:
            match step:
                case Barrier(is_async):
                    if is_async:
                        self.writer.add("fence_async();")
                        self.program.is_fenced = True
                    self.writer.add(BARRIER)
                    continue
                case Loop():
                    emit_loop(self.program, step)
                    continue
                case Leave(op):
                    self._leave(op)
                    continue
            self.writer.mark(step.op)
            match step:
                case Compute(op):
                    self.program.compute(op)
                case Pick():
                    self.program.pick(step)
                case Show():
                    emit_show(self.program, step)
                case Multiply():
                    emit_product(self.program, step)
                case Combine():
                    emit_rounds(self.program, step, self)
                case Arrange():
                    emit_sort(self.program, step)
                case Count():
                    emit_count(self.program, step)
                case Branch():
                    self._branch(step)
                case Repeat():
                    self._repeat(step)
                case RepeatWhile():
                    self._repeat_while(step)
                case Splice():
                    self._splice(step)
                case Ring():
                    emit_ring(self.program, step, self)
                case _:
                    raise AssertionError(step)

    def scalar_block(self, steps: Sequence[Step], targets: list[str]) -> None:
        """Print a block whose scalars go to variables."""
        self.results.append(targets)
        self.steps(steps)
        self.results.pop()

    # --- control flow

    def _leave(self, op: ir.Op) -> None:
        match op:
            case ir.Yield(values):
                self._assign(values, self.results[-1])
            case ir.Break(values):
                self._assign(values, self.rounds[-1])
                self.writer.add("break;")
            case ir.Continue(values):
                self._assign(values, self.rounds[-1])
                self.writer.add("continue;")
            case ir.Return(values) if self.landings:
                label, targets = self.landings[-1]
                self._assign(values, targets)
                if self.writer.depth > 1:
                    self.writer.add(f"goto {label};")
            case ir.Return():
                if self.writer.depth > 1:
                    self.writer.add("return;")
            case _:
                raise AssertionError(op)

    def _assign(self, values: Sequence[ir.Value], targets: list[str]) -> None:
        """Give scalars to variables, all at once."""
        program = self.program
        texts = [program.scalar(value) for value in values if not value.tile.shape]
        assign(self.writer, texts, targets)

    def variables(
        self, values: Sequence[ir.Value], inits: Sequence[ir.Value] | None = None
    ) -> list[str]:
        """Variables for those of some values that are scalars."""
        found = []
        for k, value in enumerate(values):
            if value.tile.shape:
                continue
            name = self.writer.fresh(value.name or "value")
            begin = "" if inits is None else f" = {self.program.scalar(inits[k])}"
            self.writer.add(f"{type_of(value.tile.dtype)} {name}{begin};")
            found.append(name)
        return found

    def bind(self, values: Sequence[ir.Value], names: list[str]) -> None:
        """Say what the scalars among some values are called."""
        scalars = [value for value in values if not value.tile.shape]
        self.program.scalars.update(zip(scalars, names, strict=True))

    def _branch(self, step: Branch) -> None:
        op, writer = step.op, self.writer
        names = self.variables(op.results)
        condition = self.program.scalar(op.condition)
        with writer.block(f"if ({condition})"):
            self.scalar_block(step.then, names)
        if len(step.orelse) > 1 or names or not isinstance(op.orelse.terminator, ir.Yield):
            with writer.block("else"):
                self.scalar_block(step.orelse, names)
        self.bind(op.results, names)

    def _repeat(self, step: Repeat) -> None:
        op = step.op
        _, *carried = op.body.parameters
        names = self.variables(carried, op.inits)
        self.bind(carried, names)
        self.rounds.append(names)
        with self.writer.block(loop_head(self.program, op, self.program.scalar)):
            self.scalar_block(step.body, names)
        self.rounds.pop()
        self.bind(op.results, names)

    def _repeat_while(self, step: RepeatWhile) -> None:
        op, writer = step.op, self.writer
        names = self.variables(op.body.parameters, op.inits)
        self.bind(op.condition.parameters, names)
        self.bind(op.body.parameters, names)
        self.rounds.append(names)
        with writer.block("while (true)"):
            (goes_on,) = op.condition.terminator.operands
            self.steps([one for one in step.condition if not isinstance(one, Leave)])
            writer.add(f"if (!({self.program.scalar(goes_on)})) break;")
            self.scalar_block(step.body, names)
        self.rounds.pop()
        self.bind(op.results, names)

    def _splice(self, step: Splice) -> None:
        names = self.variables(step.op.results)
        label = self.writer.fresh("returned")
        self.landings.append((label, names))
        with self.writer.block(""):
            self.scalar_block(step.body, names)
        self.landings.pop()
        self.writer.add(f"{label}:;")
        self.bind(step.op.results, names)


def _array_text(array: Array, name: str) -> ArrayText:
    extents = tuple(
        f"{name}.extent[{axis}]" if fixed is None else f"{fixed}ll"
        for axis, fixed in enumerate(array.extents)
    )
    strides = tuple(
        "1" if axis == array.unit_axis else f"{name}.stride[{axis}]" for axis in range(array.rank)
    )
    return ArrayText(f"{name}.data", extents, strides, None)
