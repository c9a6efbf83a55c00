"""Prints scans, and reductions by a function of the user's: neighbours combine in rounds.

In each round the reach of what an element holds doubles. The function is only known to be
associative: what stands to the left always is its left operand.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Final, Protocol

from tilewright.dsl import ir

from ..planning.steps import Leave, Step, View
from .program import Program
from .spelling import bare, type_of
from .steps import Combine, scaled

_KINDS: Final = {"sum": "Sum", "prod": "Product", "max": "Maximum", "min": "Minimum"}


class Blocks(Protocol):
    """What prints the steps of a block."""

    def steps(self, steps: Sequence[Step]) -> None:
        """Print them."""


def emit_rounds(program: Program, step: Combine, blocks: Blocks) -> None:
    """Print a reduction or a scan over tiles in memory."""
    _Rounds(program, step, blocks).run()


class _Rounds:
    def __init__(self, program: Program, step: Combine, blocks: Blocks) -> None:
        self.program = program
        self.writer = program.writer
        self.step = step
        self.blocks = blocks
        self.shape = step.op.operands[0].tile.shape
        self.extent = self.shape[step.axis]
        self.rest = prod(self.shape) // self.extent
        self.is_scan = isinstance(step.op, ir.Scan | ir.ScanWith)

    def run(self) -> None:
        """Rounds, then what they give."""
        writer = self.writer
        if self.extent > 1:
            reach = writer.fresh("reach")
            with writer.block(f"for (i32 {reach} = 1; {reach} < {self.extent}; {reach} *= 2)"):
                if self.is_scan:
                    self._scan_round(reach)
                else:
                    self._reduce_round(reach)
                writer.add("__syncthreads();")
        else:
            writer.add("__syncthreads();")
        if not self.is_scan:
            self._take()

    def _scan_round(self, reach: str) -> None:
        """Each element takes in what ends where it begins; all read before any writes."""
        writer, threads = self.writer, self.program.plan.threads
        total = prod(self.shape)
        turns = -(-total // threads)
        kinds = [type_of(value.tile.dtype) for value in self.step.op.operands]
        held = [writer.fresh("held") for _ in kinds]
        for kind, name in zip(kinds, held, strict=True):
            writer.add(f"{kind} {name}[{turns}];")
        for is_reading in (True, False):
            turn, element, place = (writer.fresh(n) for n in ("turn", "element", "place"))
            writer.add("#pragma unroll")
            with writer.block(f"for (i32 {turn} = 0; {turn} < {turns}; ++{turn})"):
                writer.add(f"const i32 {element} = {turn} * {threads} + thread;")
                writer.add(f"const i32 {place} = {self._along(element)};")
                tests = [] if total % threads == 0 else [f"{element} < {total}"]
                test = " && ".join([*tests, f"{place} >= {reach}"])
                with writer.block(f"if ({test})"):
                    row = self._row_of(element)
                    here = [self._at(view, row, place) for view in self.step.views]
                    if is_reading:
                        left = [
                            self._at(view, row, f"({place} - {reach})") for view in self.step.views
                        ]
                        self._combine(left, here, [f"{name}[{turn}]" for name in held])
                    else:
                        for target, name in zip(here, held, strict=True):
                            writer.add(f"{target} = {name}[{turn}];")
            if is_reading:
                writer.add("__syncthreads();")

    def _reduce_round(self, reach: str) -> None:
        """Each second one of what is left takes in its right neighbour."""
        writer, threads = self.writer, self.program.plan.threads
        pairs = -(-self.extent // 2) * self.rest
        pair, place = writer.fresh("pair"), writer.fresh("place")
        with writer.block(f"for (i32 {pair} = thread; {pair} < {pairs}; {pair} += {threads})"):
            per_row = -(-self.extent // 2)
            writer.add(f"const i32 {place} = {pair} % {per_row} * 2 * {reach};")
            row = writer.define("i32", "row", f"{pair} / {per_row}")
            with writer.block(f"if ({place} + {reach} < {self.extent})"):
                left = [self._at(view, row, place) for view in self.step.views]
                right = [self._at(view, row, f"({place} + {reach})") for view in self.step.views]
                self._combine(left, right, left)

    def _combine(self, left: list[str], right: list[str], targets: list[str]) -> None:
        """Combine values by the function, or by the op's kind."""
        program, op, writer = self.program, self.step.op, self.writer
        match op:
            case ir.ReduceWith(body=body) | ir.ScanWith(body=body):
                kinds = [type_of(value.tile.dtype) for value in (*op.inputs, *op.inputs)]
                for parameter, kind, text in zip(
                    body.parameters, kinds, (*left, *right), strict=True
                ):
                    name = parameter.name or "item"
                    program.scalars[parameter] = writer.define(kind, name, text)
                inside = [one for one in self.step.body if not isinstance(one, Leave)]
                self.blocks.steps(inside)
                for target, value in zip(targets, body.terminator.operands, strict=True):
                    writer.add(f"{target} = {program.scalar(value)};")
            case ir.Scan(kind):
                (a,), (b,), (target,) = left, right, targets
                writer.add(f"{target} = {_KINDS[kind]}::combine({a}, {b});")
            case _:
                raise AssertionError(op)

    def _take(self) -> None:
        """The first element of each row is its result."""
        writer, program = self.writer, self.program
        for result, source, target in zip(
            self.step.op.results, self.step.views, self.step.results, strict=True
        ):
            if target is None:
                first = self._at(source, "0", "0")
                name = result.name or "result"
                program.scalars[result] = writer.define(type_of(result.tile.dtype), name, first)
                continue
            row = writer.fresh("row")
            head = f"for (i32 {row} = thread; {row} < {self.rest}; {row} += {program.plan.threads})"
            with writer.block(head):
                text = self._at(source, row, "0")
                strides = [*target.strides]
                strides.insert(self.step.axis, 0)
                offset = self._offset(target, tuple(strides), row, "0")
                writer.add(f"{program.buffers[target.buffer]}[{offset}] = {text};")
        writer.add("__syncthreads();")

    # --- places

    def _along(self, element: str) -> str:
        """Which one along the axis an element is, counted from where a scan begins."""
        inner = prod(self.shape[self.step.axis + 1 :])
        text = f"{element} / {inner}" if inner > 1 else element
        text = f"{text} % {self.extent}" if prod(self.shape[: self.step.axis]) > 1 else text
        return f"{self.extent - 1} - {text}" if self.step.reverse else text

    def _row_of(self, element: str) -> str:
        """Which row an element is in: all other axes, row-major."""
        inner = prod(self.shape[self.step.axis + 1 :])
        if inner == 1:
            return f"({element} / {self.extent})"
        return f"({element} / {inner * self.extent} * {inner} + {element} % {inner})"

    def _at(self, view: View, row: str, place: str) -> str:
        name = self.program.buffers[view.buffer]
        if self.step.reverse:
            place = f"({self.extent - 1} - {place})"
        return f"{name}[{self._offset(view, view.strides, row, place)}]"

    def _offset(self, view: View, strides: tuple[int, ...], row: str, place: str) -> str:
        """Where an element of a row lies in its buffer."""
        terms = [str(view.offset)] if view.offset else []
        if place != "0":
            terms.append(scaled(bare(place), strides[self.step.axis]))
        inner = 1
        for axis in reversed(range(len(self.shape))):
            extent = self.shape[axis]
            if axis == self.step.axis or extent == 1:
                continue
            text = row if inner == 1 else f"{row} / {inner}"
            inner *= extent
            if inner != self.rest:
                text = f"{text} % {extent}"
            if row != "0":
                terms.append(scaled(bare(text), strides[axis]))
        return " + ".join(terms) or "0"
