"""Prints reductions: each thread combines what it comes to, then the threads that share a result.

The order is fixed by the layout: the same bits on every run.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype

from ..planning.steps import ArgFold, Fold, View
from .elements import Elements
from .layouts import fold_axes
from .program import Program, in_registers
from .spelling import type_of
from .steps import WARP, Loop

_KINDS: Final = {
    "sum": "Sum", "prod": "Product", "max": "Maximum", "min": "Minimum", "and": "All", "or": "Any",
    "argmax": "Highest", "argmin": "Lowest",
}  # fmt: skip


class Folds:
    """The reductions of one loop."""

    def __init__(self, program: Program, loop: Loop, elements: Elements) -> None:
        self.program = program
        self.writer = program.writer
        self.loop = loop
        self.layout = program.plan.layouts[loop]
        self.elements = elements
        axes = fold_axes(loop)
        self.whole: list[Fold | ArgFold] = []
        self.by_row: list[Fold | ArgFold] = []
        for sink in loop.sinks:
            match sink:
                case Fold(ir.Reduce(axes=own)):
                    pass
                case ArgFold(ir.ArgReduce(axis=axis)):
                    own = (axis,)
                case _:
                    continue
            is_by_row = axes is not None and tuple(sorted(own)) == axes
            (self.by_row if is_by_row else self.whole).append(sink)
        self.names: dict[ir.Op, str] = {}

    def begin(self) -> None:
        """Declare what all elements are combined in."""
        self._declare(self.whole)

    def begin_row(self) -> None:
        """Declare what the elements of a row are combined in."""
        self._declare(self.by_row)

    def _declare(self, sinks: list[Fold | ArgFold]) -> None:
        for sink in sinks:
            op = sink.op
            name = self.writer.fresh(op.name or _kind_of(op))
            self.names[op] = name
            kind, dtype = _KINDS[_kind_of(op)], op.operands[0].tile.dtype
            self.writer.add(f"{_type(op)} {name} = {kind}::start<{type_of(dtype)}>();")

    def take(self, sink: Fold | ArgFold) -> None:
        """Combine the element where the loop stands with those before."""
        op = sink.op
        name, value = self.names[op], self.elements.whole(op.operands[0])
        kind = _KINDS[_kind_of(op)]
        match op:
            case ir.ArgReduce(_, _, axis):
                place = self.elements.coordinates[axis]
                extreme = f"Extreme<{type_of(op.operands[0].tile.dtype)}>{{{value}, {place}}}"
                self.writer.add(f"{name} = {kind}::combine({name}, {extreme});")
            case _:
                self.writer.add(f"{name} = {kind}::combine({name}, {value});")

    def end_row(self, row: str) -> None:
        """Combine what the threads of a group have, and keep it."""
        layout = self.layout
        if not self.by_row:
            return
        for sink in self.by_row:
            self._combine(sink, layout.group, layout.strided)
        lead = ["" if layout.group == 1 else self._is_leader()]
        if layout.is_ragged:
            lead.append(f"{row} < {layout.row_count}")
        tests = " && ".join(test for test in lead if test)
        in_memory = []
        for sink in self.by_row:
            match sink:
                case Fold(op, view) if view and in_registers(self.program.plan, view):
                    name = self.program.buffers[view.buffer]
                    self.writer.add(f"{name}[{self.elements.row_slot}] = {self.names[op]};")
                case _:
                    in_memory.append(sink)
        if not in_memory:
            return
        with self.writer.block_if(f"if ({tests})" if tests else None):
            coordinates = self._row_coordinates(row)
            for sink in in_memory:
                self._write(sink, coordinates)

    def end(self) -> None:
        """Combine what all threads have; all of them know it then."""
        for number, sink in enumerate(self.whole):
            self._combine_all(sink, number)
            match sink:
                case Fold(op, view):
                    self._finish(op, view, self.names[op], op.tile.dtype)
                case ArgFold(op, views):
                    name = self.names[op]
                    for result, view, part in zip(
                        op.results, views, ("value", "place"), strict=True
                    ):
                        self._finish(result, view, f"{name}.{part}", result.tile.dtype)

    def _finish(self, result: ir.Value, view: View | None, text: str, dtype: Dtype) -> None:
        if view is None:
            self.program.scalars[result] = text
            return
        self.writer.add(
            f"if (thread == 0) {self.program.buffers[view.buffer]}[{view.offset}] = {text};"
        )

    def _combine(self, sink: Fold | ArgFold, group: int, strided: bool) -> None:
        op = sink.op
        name, kind = self.names[op], _KINDS[_kind_of(op)]
        if group == 1:
            return
        if strided:
            groups = self.layout.groups
            call = f"reduce_strided<{kind}, {group}, {groups}>({name}, meeting)"
        elif group <= WARP:
            call = f"reduce_lanes<{kind}, {group}>({name})"
        else:
            call = f"reduce_group<{kind}, {group}>({name}, meeting)"
        self.writer.add(f"{name} = {call};")

    def _combine_all(self, sink: Fold | ArgFold, number: int) -> None:
        """Combine what all threads have, by way of a place that only this does now."""
        op, threads = sink.op, self.layout.threads
        name, kind = self.names[op], _KINDS[_kind_of(op)]
        if threads == WARP:
            call = f"reduce_lanes<{kind}, {WARP}>({name})"
        else:
            place = self.program.meeting_place(self.loop, number)
            call = f"reduce_all<{kind}, {threads}>({name}, meeting + {place})"
        self.writer.add(f"{name} = {call};")

    def _is_leader(self) -> str:
        layout = self.layout
        if layout.strided:
            return f"thread < {layout.groups}"
        return "thread == 0" if layout.groups == 1 else f"thread % {layout.group} == 0"

    def _row_coordinates(self, row: str) -> list[str]:
        """The coordinates of a row along the axes that are left, by axis of the space."""
        space, rows = self.loop.space, self.layout.rows
        found = ["0"] * len(space)
        inner = 1
        for axis in reversed(rows):
            text = row if inner == 1 else f"{row} / {inner}"
            inner *= space[axis]
            if inner != self.layout.row_count:
                text = f"{text} % {space[axis]}" if space[axis] > 1 else "0"
            found[axis] = text
        return found

    def _write(self, sink: Fold | ArgFold, coordinates: list[str]) -> None:
        """Keep the result of a row in memory."""
        rows = [axis for axis in range(len(self.loop.space)) if axis in self.layout.rows]
        match sink:
            case Fold(op, view):
                parts: list[tuple[ir.Value, View | None, str]] = [(op, view, self.names[op])]
            case ArgFold(op, views):
                name = self.names[op]
                parts = [
                    (result, view, f"{name}.{part}")
                    for result, view, part in zip(
                        op.results, views, ("value", "place"), strict=True
                    )
                ]
        for _, view, text in parts:
            assert view is not None and in_registers(self.program.plan, view) is None
            terms = [
                f"({coordinates[axis]}) * {stride}" if stride != 1 else coordinates[axis]
                for axis, stride in zip(rows, view.strides, strict=True)
                if coordinates[axis] != "0"
            ]
            offset = " + ".join([*([str(view.offset)] if view.offset else []), *terms]) or "0"
            self.writer.add(f"{self.program.buffers[view.buffer]}[{offset}] = {text};")


def _kind_of(op: ir.Op) -> str:
    match op:
        case ir.Reduce(kind) | ir.ArgReduce(kind):
            return kind
        case _:
            raise AssertionError(op)


def _type(op: ir.Op) -> str:
    dtype = op.operands[0].tile.dtype
    text = type_of(dtype)
    return f"Extreme<{text}>" if isinstance(op, ir.ArgReduce) else text
