"""Control flow that each element runs for itself: plain `if`, `while` and `for`; and stores."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError
from tilewright.dsl.types import i64

from ..analysis.memory import orders_memory
from .control import assign, loop_head
from .elements import Elements
from .program import Program
from .spelling import cast, type_of


class Regions:
    """What an element does beside having a value."""

    def __init__(self, program: Program, elements: Elements) -> None:
        self.program = program
        self.writer = program.writer
        self.elements = elements
        self.landings: list[tuple[str, list[str]]] = []
        self.rounds: list[list[str]] = []

    def run(self, op: ir.Op) -> None:
        """Print an op of a region, or a region itself, at the element where the loop stands."""
        self.writer.mark(op)
        elements, program = self.elements, self.program
        match op:
            case ir.If():
                self._if(op)
            case ir.While():
                self._while(op)
            case ir.For():
                self._for(op)
            case ir.Inlined():
                self._inlined(op)
            case ir.Store(value=value):
                access = elements.access_of(op, elements.place_of(value))
                program.store(op, elements.operand_of(op), access)
            case ir.StorePointer():
                program.store(op, elements.operand_of(op))
            case ir.Atomic() | ir.AtomicPointer():
                self._atomic(op)
            case ir.Check():
                self._check(op)
            case ir.Load() | ir.LoadPointer():
                elements.whole(op)  # in program order
            case ir.Breakpoint():
                pass
            case ir.SubArray():
                program.array(op, elements.whole)
            case _:
                pass  # computed where it is wanted

    def _block(self, block: ir.Block, targets: list[str]) -> None:
        """Print a block; what it yields goes to variables."""
        with self.elements.scope():
            for op in block.ops:
                match op:
                    case ir.Yield(values):
                        self._assign(values, targets)
                    case ir.Break(values):
                        self._assign(values, self.rounds[-1])
                        self.writer.add("break;")
                    case ir.Continue(values):
                        self._assign(values, self.rounds[-1])
                        self.writer.add("continue;")
                    case ir.Return(values):
                        label, variables = self.landings[-1]
                        self._assign(values, variables)
                        self.writer.add(f"goto {label};")
                    case _:
                        self.run(op)

    def _assign(self, values: Sequence[ir.Value], targets: list[str]) -> None:
        assign(self.writer, [self.elements.whole(value) for value in values], targets)

    def _variables(
        self, values: Sequence[ir.Value], inits: Sequence[ir.Value] | None = None
    ) -> list[str]:
        names = []
        for k, value in enumerate(values):
            begin = "" if inits is None else f" = {self.elements.whole(inits[k])}"
            name = self.writer.fresh(value.name or "value")
            self.writer.add(f"{type_of(value.tile.dtype)} {name}{begin};")
            names.append(name)
        return names

    def _know(self, values: Sequence[ir.Value], names: list[str]) -> None:
        for value, name in zip(values, names, strict=True):
            self.elements.know(value, name)

    def _if(self, op: ir.If) -> None:
        names = self._variables(op.results)
        condition = self.elements.whole(op.condition)
        with self.writer.block(f"if ({condition})"):
            self._block(op.then, names)
        if len(op.orelse.ops) > 1 or names or not isinstance(op.orelse.terminator, ir.Yield):
            with self.writer.block("else"):
                self._block(op.orelse, names)
        self._know(op.results, names)

    def _while(self, op: ir.While) -> None:
        names = self._variables(op.body.parameters, op.inits)
        self.rounds.append(names)
        (goes_on,) = op.condition.terminator.operands
        if goes_on in op.condition.parameters and len(op.condition.ops) == 1:
            mask = names[op.condition.parameters.index(goes_on)]
            with self.writer.block(f"while ({mask})"), self.elements.scope():
                self._know(op.body.parameters, names)
                self._block(op.body, names)
        else:
            with self.writer.block("while (true)"), self.elements.scope():
                self._know(op.condition.parameters, names)
                self._know(op.body.parameters, names)
                for inner in op.condition.ops[:-1]:
                    self.run(inner)
                self.writer.add(f"if (!({self.elements.whole(goes_on)})) break;")
                self._block(op.body, names)
        self.rounds.pop()
        self._know(op.results, names)

    def _for(self, op: ir.For) -> None:
        counter, *carried = op.body.parameters
        names = self._variables(carried, op.inits)
        self.rounds.append(names)
        head = loop_head(self.program, op, self.elements.whole)
        with self.writer.block(head), self.elements.scope():
            self.elements.know(counter, self.program.scalars[counter])
            self._know(carried, names)
            self._block(op.body, names)
        self.rounds.pop()
        self._know(op.results, names)

    def _inlined(self, op: ir.Inlined) -> None:
        names = self._variables(op.results)
        label = self.writer.fresh("returned")
        self.landings.append((label, names))
        with self.writer.block(""):
            self._block(op.body, names)
        self.landings.pop()
        self.writer.add(f"{label}:;")
        self._know(op.results, names)

    def _atomic(self, op: ir.Atomic | ir.AtomicPointer) -> None:
        """An atomic, done by each element of its own shape once."""
        space = self.elements.loop.space
        if op.tile.size < prod(space):
            raise CompileError(
                f"an atomic of shape {op.tile.shape} in a loop that lanes of shape {space} take "
                "one by one",
                "give its index the shape of these lanes, or do it outside the loop",
                op.loc,
            )
        if orders_memory(op):
            self.writer.add("__threadfence_block();")
        access = None
        if isinstance(op, ir.Atomic):
            access = self.elements.access_of(op, self.elements.place_of(op))
        text = self.program.atomic(op, self.elements.operand_of(op), access)
        if self.program.uses[op]:
            name = self.writer.fresh(op.name or "old")
            self.writer.add(f"const {type_of(op.tile.dtype)} {name} = {text};")
            self.elements.know(op, name)
        elif " ? " in text:
            condition, _, call = text.partition(" ? ")
            self.writer.add(f"if ({condition}) {call.rpartition(' : ')[0]};")
        else:
            self.writer.add(f"{text};")

    def _check(self, op: ir.Check) -> None:
        """Fail the launch for an element; its thread stops."""
        elements = self.elements
        condition = elements.whole(op.condition)
        values = [cast(elements.whole(x), x.tile.dtype, i64) for x in op.values]
        with self.writer.block(f"if (!({condition}))"):
            arguments = "".join(f", {value}" for value in values)
            self.writer.add(f"fail(services, {op.code}, {op.place}, {len(values)}{arguments});")
            self.writer.add("return;")
