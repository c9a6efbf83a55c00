"""Prints reductions: each thread combines what it comes to, then the threads that share a result.

The order is fixed by the layout: the same bits on every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from tilewright.dsl import ir

from ..planning.steps import ArgFold, Fold, View
from .elements import Elements
from .folds import Brought, brings, brought, part_count, part_size, row_folds, whole_folds
from .program import Program, in_registers
from .spelling import bare, type_of
from .steps import WARP, Layout, Loop, scaled

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
        self.whole = whole_folds(loop)
        self.by_row = row_folds(loop)
        self.names: dict[ir.Op, str] = {}

    def begin(self) -> None:
        """Declare what all elements are combined in."""
        for sink in self.whole:
            self._declare(sink.op)

    def begin_row(self) -> None:
        """Declare what the elements of a row are combined in, or of a pack of rows."""
        for sink in self.by_row:
            self._declare(sink.op, self.layout.vector if self.layout.strided else None)

    def _declare(self, op: ir.Op, rows: int | None = None) -> None:
        name = self.names[op] = self.writer.fresh(op.name or _kind_of(op))
        kind, dtype = _KINDS[_kind_of(op)], type_of(op.operands[0].tile.dtype)
        if rows is None:
            self.writer.add(f"{_type(op)} {name} = {kind}::start<{dtype}>();")
        else:
            self.writer.add(f"auto {name} = start_rows<{kind}, {rows}, {dtype}>();")

    def take(self, sink: Fold | ArgFold) -> None:
        """Combine the element where the loop stands with those before."""
        op = sink.op
        name, value = self.names[op], self.elements.whole(op.operands[0])
        kind = _KINDS[_kind_of(op)]
        if self.layout.strided and sink in self.by_row:
            name = f"{name}.at[{self.elements.member}]"
        match op:
            case ir.ArgReduce(_, _, axis):
                place = self.elements.coordinates[axis]
                extreme = f"Extreme<{type_of(op.operands[0].tile.dtype)}>{{{value}, {place}}}"
                self.writer.add(f"{name} = {kind}::follow({name}, {extreme});")
            case _:
                self.writer.add(f"{name} = {kind}::combine({name}, {value});")

    def end_row(self, row: str) -> None:
        """Combine what the threads of a group have, and keep it."""
        layout = self.layout
        if not self.by_row:
            return
        if brings(self.loop, layout):
            for turn in brought(self.loop, layout):
                self._bring(turn)
            return
        if layout.strided:
            self._keep_pack(row)
            return
        for sink in self.by_row:
            self._combine(sink, layout.group)
        lead = ["" if layout.group == 1 else self._is_leader()]
        if layout.is_ragged:
            lead.append(f"{row} < {layout.row_count}")
        tests = " && ".join(test for test in lead if test)
        results = [one for sink in self.by_row for one in _results(sink, self.names[sink.op])]
        slot = self.elements.row_slot
        for view, text in results:
            if self._registers(view) is not None:
                self._keep(view, text, row, slot)
        in_memory = [one for one in results if self._registers(one[0]) is None]
        if in_memory:
            with self.writer.block_if(f"if ({tests})" if tests else None):
                for view, text in in_memory:
                    self._keep(view, text, row, slot)

    def end(self) -> None:
        """Combine what all threads have; all of them know it then."""
        for number, sink in enumerate(self.whole):
            self._combine_all(sink, number)
            results = zip(sink.op.results, _results(sink, self.names[sink.op]), strict=True)
            for result, (view, text) in results:
                if view is None:
                    self.program.scalars[result] = text
                else:
                    name = self.program.buffers[view.buffer]
                    self.writer.add(f"if (thread == 0) {name}[{view.offset}] = {text};")

    # --- packs of rows

    def _keep_pack(self, row: str) -> None:
        """Keep the results of a thread's rows, which it shares with none."""
        layout = self.layout
        test = f"if ({row} < {layout.row_count})" if layout.is_ragged else None
        with self.writer.block_if(test), self._pack(layout.vector) as k:
            place = row if k == "0" else f"({row} + {k})"
            slot = f"{self.elements.row_slot} * {layout.vector} + {k}"
            for sink in self.by_row:
                for view, text in _results(sink, f"{self.names[sink.op]}.at[{k}]"):
                    self._keep(view, text, place, slot)

    def _bring(self, turn: list[Brought]) -> None:
        """Bring parts of some reductions together; then each thread combines those of the rows
        whose results it has.
        """
        writer, layout = self.writer, self.layout
        parts: dict[Fold | ArgFold, str] = {}
        writer.add("__syncthreads();")
        for one in turn:
            op = one.sink.op
            place = f"meeting + {one.begin}" if one.begin else "meeting"
            call = f"bring_rows<{_KINDS[_kind_of(op)]}, {layout.groups}>"
            parts[one.sink] = writer.fresh(f"{self.names[op]}_parts")
            writer.add(f"const auto {parts[one.sink]} = {call}({self.names[op]}, {place});")
        writer.add("__syncthreads();")
        found = [(sink, number) for sink in parts for number in range(len(sink.op.results))]
        widths = {(sink, number): self._width(sink, number) for sink, number in found}
        for width in dict.fromkeys(widths.values()):
            with self._rows(width) as (row, slot):
                for sink in parts:
                    numbers = [k for one, k in found if one is sink and widths[one, k] == width]
                    if numbers:
                        text = self._combined(sink, parts[sink], row)
                        for k in numbers:
                            view, result = _results(sink, text)[k]
                            self._keep(view, result, row, slot)

    def _combined(self, sink: Fold | ArgFold, parts: str, row: str) -> str:
        """Print the result of a row; its name."""
        layout = self.layout
        sizes = f"{part_count(layout)}, {part_size(layout)}"
        call = f"combine_parts<{_KINDS[_kind_of(sink.op)]}, {sizes}>({parts}, {row})"
        return self.writer.define(_type(sink.op), f"all_{self.names[sink.op]}", call)

    def _width(self, sink: Fold | ArgFold, number: int) -> int:
        """How many neighbours of a result a thread has."""
        view, _ = _results(sink, "")[number]
        layout = self._registers(view)
        return 1 if layout is None else layout.vector

    @contextmanager
    def _rows(self, width: int) -> Iterator[tuple[str, str]]:
        """Open the loop over the rows whose results a thread has, so many neighbours at a time; the
        row and its slot.
        """
        writer, threads, count = self.writer, self.layout.threads, self.layout.row_count
        turns = -(-count // (threads * width))
        place, slot = "thread", "0"
        with ExitStack() as stack:
            if turns > 1:
                slot = writer.fresh("turn")
                writer.add("#pragma unroll")
                head = f"for (i32 {slot} = 0; {slot} < {turns}; ++{slot})"
                stack.enter_context(writer.block(head))
                place = f"({slot} * {threads} + thread)"
            k = stack.enter_context(self._pack(width))
            if width > 1:
                place, slot = f"{place} * {width} + {k}", f"{slot} * {width} + {k}"
            if turns == 1 and width == 1:
                row = place
            else:
                row = writer.define("i32", "row", bare(place))
            is_ragged = turns * threads * width != count
            stack.enter_context(writer.block(f"if ({row} < {count})" if is_ragged else ""))
            yield row, slot

    @contextmanager
    def _pack(self, width: int) -> Iterator[str]:
        """Open the loop over so many neighbours; which it is at."""
        if width == 1:
            yield "0"
            return
        k = self.writer.fresh("k")
        self.writer.add("#pragma unroll")
        with self.writer.block(f"for (i32 {k} = 0; {k} < {width}; ++{k})"):
            yield k

    # --- where results lie

    def _registers(self, view: View | None) -> Layout | None:
        return None if view is None else in_registers(self.program.plan, view)

    def _keep(self, view: View | None, text: str, row: str, slot: str) -> None:
        """Keep the result of a row."""
        assert view is not None
        place = slot if self._registers(view) is not None else self._offset(view, row)
        self.writer.add(f"{self.program.buffers[view.buffer]}[{place}] = {text};")

    def _offset(self, view: View, row: str) -> str:
        """Where the result of a row lies in memory."""
        coordinates = self._row_coordinates(row)
        terms = [
            scaled(coordinates[axis], stride)
            for axis, stride in zip(self.layout.rows, view.strides, strict=True)
            if coordinates[axis] != "0"
        ]
        return bare(" + ".join([*([str(view.offset)] if view.offset else []), *terms]) or "0")

    # --- by exchange

    def _combine(self, sink: Fold | ArgFold, group: int) -> None:
        """Combine what the threads of a group have."""
        op = sink.op
        name, kind = self.names[op], _KINDS[_kind_of(op)]
        if group == 1:
            return
        if group <= WARP:
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


def _results(sink: Fold | ArgFold, text: str) -> list[tuple[View | None, str]]:
    """Where the results of a reduction are wanted, and what each is of that which it gives."""
    match sink:
        case Fold(view=view):
            return [(view, text)]
        case ArgFold(views=views):
            return list(zip(views, (f"{text}.value", f"{text}.place"), strict=True))


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
