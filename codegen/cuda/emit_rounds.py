"""Prints scans, and reductions by a function of the user's, over tiles in memory.

A row is cut into chunks, one for each thread as far as they go, which are scanned one element after
another. What chunks end with is combined in rounds, in each of which its reach doubles; a scan then
takes what ends where a chunk begins into its elements. The function is only known to be
associative: what stands to the left always is its left operand.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from math import prod
from typing import Final

from tilewright.dsl import ir

from ..planning.steps import Leave, View
from .control import Blocks
from .program import Program
from .spelling import bare, type_of
from .steps import Combine, scaled

_KINDS: Final = {"sum": "Sum", "prod": "Product", "max": "Maximum", "min": "Minimum"}


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
        self.is_last = step.axis == len(self.shape) - 1
        self.length = -(-self.extent // max(1, program.plan.threads // self.rest))  # of a chunk
        if self.is_last and self.length % 2 == 0 and self.length < self.extent:
            self.length += 1  # so that threads at the same place of theirs meet in no bank
        self.chunks = -(-self.extent // self.length)

    def run(self) -> None:
        """Chunks, rounds, and what becomes of them."""
        writer = self.writer
        self._run_chunks()
        writer.add("__syncthreads();")
        if self.chunks > 1:
            reach = writer.fresh("reach")
            with writer.block(f"for (i32 {reach} = 1; {reach} < {self.chunks}; {reach} *= 2)"):
                self._round(reach)
                writer.add("__syncthreads();")
            if self.is_scan:
                self._spread()
                writer.add("__syncthreads();")
        if not self.is_scan:
            self._take()

    def _run_chunks(self) -> None:
        """Scan each chunk, or combine all of it in its first place."""
        writer, views = self.writer, self.step.views
        with self._tasks() as (row, chunk, _):
            first = writer.define("i32", "first", f"{chunk} * {self.length}")
            totals = []
            for view, value in zip(views, self.step.op.operands, strict=True):
                name = writer.fresh("total")
                writer.add(f"{type_of(value.tile.dtype)} {name} = {self._at(view, row, first)};")
                totals.append(name)
            with self._places(first, 1, self.length) as place:
                here = [self._at(view, row, place) for view in views]
                self._combine(totals, here, totals)
                if self.is_scan:
                    self._assign(here, totals)
            if not self.is_scan:
                self._assign([self._at(view, row, first) for view in views], totals)

    def _round(self, reach: str) -> None:
        """Ends of chunks take in those `reach` chunks to the left, firsts those to the right; all
        read before any writes.
        """
        writer, views = self.writer, self.step.views
        kinds = [type_of(value.tile.dtype) for value in self.step.op.operands]
        held = [writer.fresh("held") for _ in kinds]
        turns = -(-self.rest * self.chunks // self.program.plan.threads)
        for kind, name in zip(kinds, held, strict=True):
            writer.add(f"{kind} {name}[{turns}];")
        for is_reading in (True, False):
            with self._tasks() as (row, chunk, turn):
                if self.is_scan:
                    test = f"{chunk} >= {reach}"
                    places = self._end(f"({chunk} - {reach})"), self._end(chunk)
                else:
                    far = f"{chunk} + {reach} < {self.chunks}"
                    test = f"{chunk} % (2 * {reach}) == 0 && {far}"
                    after = f"(({chunk} + {reach}) * {self.length})"
                    places = f"({chunk} * {self.length})", after
                with writer.block(f"if ({test})"):
                    left, right = ([self._at(view, row, at) for view in views] for at in places)
                    into = [f"{name}[{turn}]" for name in held]
                    if is_reading:
                        self._combine(left, right, into)
                    else:
                        self._assign(right if self.is_scan else left, into)
            if is_reading:
                writer.add("__syncthreads();")

    def _spread(self) -> None:
        """Combine what lies left of a chunk with all its elements but the last, which has it."""
        writer, views = self.writer, self.step.views
        with self._tasks() as (row, chunk, _), writer.block(f"if ({chunk} > 0)"):
            first = writer.define("i32", "first", f"{chunk} * {self.length}")
            before = []
            for view, value in zip(views, self.step.op.operands, strict=True):
                text = self._at(view, row, f"({first} - 1)")
                before.append(writer.define(type_of(value.tile.dtype), "before", text))
            with self._places(first, 0, self.length - 1, 1) as place:
                here = [self._at(view, row, place) for view in views]
                self._combine(before, here, here)

    # --- who does what

    @contextmanager
    def _tasks(self) -> Iterator[tuple[str, str, str]]:
        """Open the loop over the chunks of a thread: row, chunk and turn. Threads beside each other
        have chunks beside each other, or, where rows lie denser than elements of a row, rows.
        """
        writer, threads = self.writer, self.program.plan.threads
        count = self.rest * self.chunks
        turns = -(-count // threads)
        turn, task, text = "0", "thread", "thread"
        with ExitStack() as stack:
            if turns > 1:
                turn = writer.fresh("turn")
                writer.add("#pragma unroll")
                head = f"for (i32 {turn} = 0; {turn} < {turns}; ++{turn})"
                stack.enter_context(writer.block(head))
                text = f"{turn} * {threads} + thread"
                task = writer.define("i32", "task", text)
            if count % threads:
                stack.enter_context(writer.block(f"if ({task} < {count})"))
            elif turns == 1:
                stack.enter_context(writer.block(""))
            if self.chunks == 1:
                row, chunk = task, "0"
            elif self.rest == 1:
                row, chunk = "0", task
            elif self.is_last:
                row = writer.define("i32", "row", f"{task} / {self.chunks}")
                chunk = writer.define("i32", "chunk", f"{task} % {self.chunks}")
            else:
                row = writer.define("i32", "row", f"{task} % {self.rest}")
                chunk = writer.define("i32", "chunk", f"{task} / {self.rest}")
            yield row, chunk, turn

    @contextmanager
    def _places(self, first: str, start: int, stop: int, spare: int = 0) -> Iterator[str]:
        """Open the loop over some places of a chunk; the last chunk ends with its row, `spare`
        places earlier.
        """
        writer = self.writer
        k = writer.fresh("k")
        tests = [f"{k} < {stop}"]
        if self.chunks * self.length != self.extent:
            tests.append(f"{first} + {k} < {self.extent - spare}")
        with writer.block(f"for (i32 {k} = {start}; {' && '.join(tests)}; ++{k})"):
            yield f"({first} + {k})"

    def _end(self, chunk: str) -> str:
        """The last place of a chunk."""
        end = f"{chunk} * {self.length} + {self.length - 1}"
        if self.chunks * self.length == self.extent:
            return f"({end})"
        return f"lesser_of({end}, {self.extent - 1})"

    def _assign(self, targets: list[str], values: list[str]) -> None:
        for target, value in zip(targets, values, strict=True):
            self.writer.add(f"{target} = {value};")

    def _combine(self, left: list[str], right: list[str], targets: list[str]) -> None:
        """Combine values by the function, or by the op's kind."""
        program, op, writer = self.program, self.step.op, self.writer
        match op:
            case ir.ReduceWith(body=body) | ir.ScanWith(body=body):
                known = dict(program.scalars)  # what the body computes is gone behind it
                kinds = [type_of(value.tile.dtype) for value in (*op.inputs, *op.inputs)]
                for parameter, kind, text in zip(
                    body.parameters, kinds, (*left, *right), strict=True
                ):
                    name = parameter.name or "item"
                    program.scalars[parameter] = writer.define(kind, name, text)
                inside = [one for one in self.step.body if not isinstance(one, Leave)]
                self.blocks.steps(inside)
                results = [program.scalar(value) for value in body.terminator.operands]
                self._assign(targets, results)
                program.scalars = known
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
