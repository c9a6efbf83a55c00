"""Says how many rounds of a loop over rows or elements are to be one."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

from ..planning.steps import ArgFold, Fold, Keep
from .program import Program, in_registers
from .steps import Loop, Multiply, walk_steps

UNROLLED: Final = 4  # rounds of a loop that keeps nothing in registers
LONG: Final = 2048  # lines that a thread runs through


class Unrolling:
    """What is said of the loops for one step."""

    def __init__(self, program: Program, loop: Loop) -> None:
        self.program = program
        self.writer = program.writer
        self.loop = loop
        self.layout = program.plan.layouts[loop]

    def unroll(self, stack: ExitStack, rounds: int, inner: int = 1) -> None:
        """Say how many rounds of the loop opened next are to be one: what they load is on its
        way together. Each has so many `inner` rounds.
        """
        folds = any(isinstance(sink, Fold | ArgFold) for sink in self.loop.sinks)
        layout, at_once = self.layout, UNROLLED
        if layout.strided:  # nothing but its loads keeps memory busy
            at_once *= max(1, UNROLLED // layout.vector)
        is_short = layout.strided and rounds <= at_once
        if self._has_registers() or is_short or (layout.tensor and folds):
            self.writer.add("#pragma unroll")
        elif rounds > at_once:
            self.writer.add(f"#pragma unroll {at_once}")
        elif self.loop.loads and not self._has_products():
            stack.callback(self._unroll_if_short, len(self.writer.lines), rounds * inner)

    def _unroll_if_short(self, start: int, rounds: int) -> None:
        """Say it in front of a loop that ends here."""
        lines = self.writer.lines
        if (len(lines) - start) * self.layout.vector * rounds <= LONG:
            indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
            lines.insert(start, f"{indent}#pragma unroll")

    def _has_products(self) -> bool:
        """Whether something of the program leaves few registers."""
        return any(isinstance(step, Multiply) for step in walk_steps(self.program.plan.steps))

    def _has_registers(self) -> bool:
        plan = self.program.plan
        views = [view for _, _, view in self.loop.reads]
        views += [sink.view for sink in self.loop.sinks if isinstance(sink, Keep)]
        return any(in_registers(plan, view) is not None for view in views)
