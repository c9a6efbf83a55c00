"""Prints one fused loop: nested loops, vectors along one axis, and the sinks inside.

The vector axis runs in up to three parts: an interior whose accesses are known to lie inside, an
edge with masks, and a last vector of fewer lanes.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.records import replace
from tilewright.dsl.types import Tile

from ..planning.coordinates import identity
from ..planning.steps import (
    ArgFold,
    Effect,
    Fold,
    Keep,
    Running,
    Sink,
)
from ..planning.walks import walk_op
from .emit_access import STREAM_ALIGNMENT
from .emit_folds import Folds
from .emit_guards import Guards
from .emit_regions import Regions
from .emit_scalar import Scalars
from .emit_streams import Streams
from .emit_values import Values
from .loop_state import LoopState, Part
from .steps import (
    LINE,
    Blocks,
    Loop,
)
from .writer import Val

# Vectors of a row that is too short to ask for its own limit, where all rows may be asked at once.
SHORT_ROW: Final = 2


def emit_loop(scalars: Scalars, loop: Loop) -> None:
    """Print a loop nest, in a level of its own: what is read from memory is not known after it."""
    writer = scalars.writer
    base = writer.inside(writer.level.label)
    nest = _Nest(LoopState(scalars, loop, base))
    is_asked_once = loop.blocks is None and _has_short_rows(loop)
    limit = nest.guards.interior_limit(-1) if is_asked_once else None
    if limit is None:
        nest.enter(0)
        writer.splice(base)
        nest.folds.publish()
        return

    def whole() -> list[Val]:
        nest.is_inside = True
        nest.enter(0)
        return []

    def row_by_row() -> list[Val]:
        _Nest(LoopState(scalars, loop, base)).enter(0)
        return []

    everywhere = writer.put(f"icmp eq {limit}, {loop.space[loop.vector]}", "i1", 0)
    writer.branch(everywhere.text, whole, row_by_row)
    writer.splice(base)


class _Nest:
    """One loop being printed."""

    def __init__(self, state: LoopState) -> None:
        self.state = state
        self.loop = state.loop
        self.writer = state.writer
        self.values = Values(state)
        self.folds = Folds(state, self.values)
        self.guards = Guards(state, self.values)
        self.streams = Streams(state, self.values)
        self.is_inside = False  # of all rows, for all accesses that guards limit
        self.regions = Regions(state, self.values)

    def enter(self, position: int) -> None:
        """Print the loops from a position of the order inwards."""
        starting = [sink for sink in self.loop.sinks if self.folds.starts(sink) == position]
        for sink in starting:
            self.folds.begin(sink)
        blocks = self.loop.blocks
        if position == len(self.loop.space):
            self._rows()
        elif self.loop.order[position] == self.loop.vector:
            self._vector_axis(position)
        elif blocks is not None and self.loop.order[position] == blocks.axis:
            self._blocks(position, blocks)
        else:
            axis = self.loop.order[position]
            self._along("0", str(self.loop.space[axis]), "1", position, at_least_once=True)
        for sink in starting:
            self.folds.finish(sink)

    def _along(self, start: str, stop: str, step: str, position: int, at_least_once: bool) -> None:
        """Print one loop that carries what all sinks combine inside it."""
        axis = self.loop.order[position]

        def body(counter: Val, values: list[Val]) -> list[Val]:
            self.folds.bind(values)
            self.state.index[axis] = counter
            self.enter(position + 1)
            return self.folds.values_carried()

        carried = self.folds.values_carried()
        self.folds.bind(
            self.writer.loop(start, stop, step, carried, body, at_least_once=at_least_once)
        )

    # --- blocks of rows

    def _blocks(self, position: int, blocks: Blocks) -> None:
        """Several rows at once, then those that are left."""
        extent = self.loop.space[blocks.axis]
        whole = extent // blocks.rows * blocks.rows
        self.state.rows = blocks.rows
        self._along("0", str(whole), str(blocks.rows), position, at_least_once=True)
        self.state.rows = 1
        if whole < extent:
            self._along(str(whole), str(extent), "1", position, at_least_once=True)

    def _vector_axis_of_block(self, position: int) -> None:
        """Blocks where all their rows lie inside, then what is left of each row."""
        loop, state, writer = self.loop, self.state, self.writer
        extent = loop.space[loop.vector]
        limit = self.guards.interior_limit(position)
        assert loop.blocks is not None
        axis, rows = loop.blocks.axis, loop.blocks.rows
        middle = self._middle(limit, loop.lanes)
        self._interior(middle, position)
        narrow = max(rows, loop.edge_lanes)  # where a shorter vector may begin, too
        if narrow < loop.lanes:
            last = self._middle(limit, narrow)
            self._stretch(middle, last, Part(narrow, interior=True), position)
            middle = last
        if middle == str(extent):
            return
        first = state.index[axis]
        is_left = writer.put(f"icmp slt i64 {middle}, {extent}", "i1", 0)
        count = writer.put(f"select {is_left}, i64 {rows}, i64 0", "i64", 0)

        def body(row: Val, _: list[Val]) -> list[Val]:
            state.index[axis] = writer.put(f"add i64 {first.text}, {row.text}", "i64", 0)
            state.rows, state.row = 1, -1
            self._edge(middle, Part(loop.edge_lanes, limit is None), position)
            state.rows, state.row = rows, 0
            return []

        writer.loop("0", count.text, "1", [], body)
        state.index[axis] = first

    def _starts_of_next_row(self) -> list[Val]:
        """Where the loop's streams begin in the second row of a block: in others just as far on."""
        assert self.loop.blocks is not None
        first = self.state.index[self.loop.blocks.axis]
        self._go_to_row(1, first)
        starts = self.streams.starts()
        self._go_to_row(0, first)
        return starts or []

    # --- the vector axis

    def _vector_axis(self, position: int) -> None:
        if self.state.rows > 1:
            self._vector_axis_of_block(position)
            return
        loop = self.loop
        extent = loop.space[loop.vector]
        step = loop.lanes * loop.in_flight
        whole = extent // step * step
        limit: Val | None = Val("0", "i64", 0, self.writer.level)
        edge_flight = 1
        if self.is_inside:
            limit = None
        elif loop.lanes == loop.edge_lanes and _is_mostly_inner_loops(loop):
            whole = 0  # masks around its loops are nothing, and a second version compiles slowly
            edge_flight = loop.in_flight
            self.state.has_rare_edge = not self.writer.machine.has_mask_registers
        else:
            limit = self.guards.interior_limit(position)
        interior = limit is None
        middle = self._middle(limit, step) if whole else "0"
        self._interior(middle, position)
        self._edge(middle, Part(loop.edge_lanes, interior, edge_flight), position)

    def _middle(self, limit: Val | None, lanes: int) -> str:
        """Where an interior of vectors of so many lanes ends."""
        if limit is None:
            extent = self.loop.space[self.loop.vector]
            return str(extent // lanes * lanes)
        count = self.writer.put(f"udiv i64 {limit.text}, {lanes}", "i64", 0)
        return self.writer.put(f"mul i64 {count.text}, {lanes}", "i64", 0).text

    def _edge(self, middle: str, part: Part, position: int) -> None:
        """What is left behind the interior, in shorter vectors."""
        extent = self.loop.space[self.loop.vector]
        fitting = extent // part.lanes * part.lanes
        self._stretch(middle, str(fitting), part, position)
        if extent > fitting:
            self._single(fitting, Part(extent - fitting, part.interior), position)

    def _interior(self, stop: str, position: int) -> None:
        """Whole vectors without masks; twice, if stores may go past the caches."""
        part = Part(self.loop.lanes, interior=True, in_flight=self.loop.in_flight)
        is_block = self.state.rows > 1
        is_single = stop.isdigit() and int(stop) <= self.loop.lanes and not is_block
        starts = None if is_single else self.streams.starts()
        if starts is None:
            self._segments(stop, part, position)
            return
        pays = self.streams.pay()
        if is_block:  # whole lines, from the first on, or none
            starts += self._starts_of_next_row()
            lines = replace(part, streaming="true", alignment=LINE)
            self._either(
                self.streams.begin_aligned(pays, starts, LINE),
                lambda: self._segments(stop, lines, position),
                lambda: self._segments(stop, part, position),
            )
            return
        itemsizes = {op.value.tile.dtype.itemsize for op in self.loop.streams}
        if self.loop.is_long or len(itemsizes) > 1:  # not worth a second version: a branch more
            streaming = self.streams.begin_aligned(pays, starts, STREAM_ALIGNMENT)
            self._segments(stop, replace(part, streaming=streaming.text), position)
            return
        pays = self.streams.begin_alike(pays, starts)
        self._either(
            pays,
            lambda: self._past_caches(starts[0], itemsizes.pop(), stop, position),
            lambda: self._segments(stop, part, position),
        )

    def _either(self, condition: Val, then: Callable[[], None], orelse: Callable[[], None]) -> None:
        """Print one of two ways along the vector axis, with what the sinks combine on it."""
        carried = self.folds.values_carried()

        def side(write: Callable[[], None]) -> list[Val]:
            self.folds.bind(carried)
            write()
            return self.folds.values_carried()

        merged = self.writer.branch(condition.text, lambda: side(then), lambda: side(orelse))
        assert merged is not None
        self.folds.bind(merged)

    def _past_caches(self, start: Val, itemsize: int, stop: str, position: int) -> None:
        """Whole lines past the caches; what shares a line with others element by element before.

        A line that was written in both ways goes to memory twice, which costs more than is saved.
        """
        writer, lanes = self.writer, LINE // itemsize
        bits = writer.put(f"ptrtoint {start} to i64", "i64", 0)
        before = writer.put(f"sub i64 0, {bits.text}", "i64", 0)
        before = writer.put(f"and i64 {before.text}, {LINE - 1}", "i64", 0)
        head = writer.put(f"udiv i64 {before.text}, {itemsize}", "i64", 0)
        head = writer.call("smin", "i64", 0, [head, f"i64 {stop}"])
        count = writer.put(f"sub i64 {stop}, {head.text}", "i64", 0)
        length = writer.put(f"and i64 {count.text}, {-lanes}", "i64", 0)
        end = writer.put(f"add i64 {head.text}, {length.text}", "i64", 0)
        single = Part(1, interior=True)
        self._stretch("0", head.text, single, position)
        lines = Part(lanes, interior=True, streaming="true", alignment=LINE)
        self._stretch(head.text, end.text, lines, position)
        self._stretch(end.text, stop, single, position)

    def _segments(self, stop: str, part: Part, position: int) -> None:
        """Whole vectors up to `stop`: a vector of each segment in turn, then what is left."""
        writer, count = self.writer, self.loop.segments
        if count == 1:
            self._stretch("0", stop, part, position)
            return
        rounds = writer.put(f"udiv i64 {stop}, {count * part.lanes}", "i64", 0)
        length = writer.put(f"mul i64 {rounds.text}, {part.lanes}", "i64", 0)
        starts = [
            writer.put(f"mul i64 {length.text}, {segment}", "i64", 0) for segment in range(count)
        ]
        self.state.part = part

        def body(counter: Val, values: list[Val]) -> list[Val]:
            self.folds.bind(values)
            for start in starts:
                level = writer.inside(writer.level.label)
                place = writer.put(f"add i64 {start.text}, {counter.text}", "i64", 0, level)
                self.state.index[self.loop.vector] = place
                self.enter(position + 1)
                writer.splice(level)
            return self.folds.values_carried()

        carried = self.folds.values_carried()
        self.folds.bind(writer.loop("0", length.text, str(part.lanes), carried, body))
        end = writer.put(f"mul i64 {length.text}, {count}", "i64", 0)
        self._stretch(end.text, stop, part, position)

    def _stretch(self, start: str, stop: str, part: Part, position: int) -> None:
        """Whole vectors from `start` to `stop`."""
        if start == stop:
            return
        is_constant = start.isdigit() and stop.isdigit()
        step = part.lanes * part.in_flight
        if is_constant and int(stop) - int(start) == step:
            self._single(int(start), part, position)
            return
        self.state.part = part
        self._along(start, stop, str(step), position, is_constant)

    def _single(self, start: int, part: Part, position: int) -> None:
        """One vector of its own: no loop around it."""
        self.state.part = part
        level = self.writer.inside(self.writer.level.label)
        self.state.index[self.loop.vector] = Val(str(start), "i64", 0, level)
        self.enter(position + 1)
        self.writer.splice(level)

    # --- the body

    def _rows(self) -> None:
        """The body, or that of each row of a block."""
        state, blocks = self.state, self.loop.blocks
        if state.rows == 1 or blocks is None:
            self._body()
            return
        first = state.index[blocks.axis]
        for row in range(state.rows):
            self._go_to_row(row, first)
            self._body()
        self._go_to_row(0, first)
        state.turned.clear()
        state.starts.clear()

    def _go_to_row(self, row: int, first: Val) -> None:
        """Let a row of the present block be the one that is printed."""
        blocks = self.loop.blocks
        assert blocks is not None
        place = first
        if row:
            text = f"add i64 {first.text}, {row}"
            place = self.writer.put(text, "i64", 0, first.level)
        self.state.row, self.state.index[blocks.axis] = row, place

    def _body(self) -> None:
        """Compute what the sinks want, then write it: a kept tile may be read and replaced."""
        writes: list[tuple[Sink, int, Val]] = []
        for sink in self.loop.sinks:
            self.writer.mark(sink.value if isinstance(sink, Keep) else sink.op)
            match sink:
                case Effect(ir.If() | ir.While() | ir.For() | ir.Inlined() as op):
                    self._flush(writes)
                    self.regions.run(op)
                    for _ in self.state.flight():
                        self._keep_results(op)
                case _:
                    for present in self.state.flight():
                        self._run(sink, present, writes)
        self._flush(writes)

    def _run(self, sink: Sink, present: int, writes: list[tuple[Sink, int, Val]]) -> None:
        """Do what a sink is for, for one vector; what it writes may have to wait."""
        whole = identity(self.loop.space)
        match sink:
            case Keep(local=True):
                pass  # written behind its region
            case Keep(value):
                writes.append((sink, present, self.values.at(value, whole)))
            case Fold(op) | ArgFold(op):
                self.folds.add(sink, self.values.at(op.x, whole))
            case Running(op):
                self.folds.run(sink)
                self._keep_results(op)
            case Effect(ir.Store(value=value) | ir.StorePointer(value=value)):
                writes.append((sink, present, self.values.at(value, whole)))
            case Effect(ir.Check() as op):
                self.regions.check(op)
            case Effect(ir.Atomic() | ir.AtomicPointer() as op):
                self._flush(writes)
                self.values.do_atomic(op)
                self._keep_results(op)
            case _:
                raise AssertionError(sink)

    def _keep_results(self, op: ir.Op) -> None:
        """Write those results of a region, an atomic or a scan that other loops need."""
        for sink in self.loop.sinks:
            match sink:
                case Keep(value, view, local=True) if value in op.results:
                    where = self.values.place_of(value)
                    text = self.values.at(value, where)
                    self.values.kept.write(view, value.tile.dtype, where, text)

    def _flush(self, writes: list[tuple[Sink, int, Val]]) -> None:
        """Write what waits, sink by sink."""
        for present in self.state.flight() if writes else ():
            for sink, vector, text in writes:
                if vector == present:
                    self._write(sink, text)
        writes.clear()

    def _write(self, sink: Sink, text: Val) -> None:
        whole = identity(self.loop.space)
        self.writer.mark(sink.value if isinstance(sink, Keep) else sink.op)
        match sink:
            case Keep(value, view):
                where = self.values.place_of(value)
                self.values.kept.write(view, value.tile.dtype, where, text)
            case Effect(ir.Store() as op):
                self.values.arrays.store(op, whole, text)
            case Effect(ir.StorePointer() as op):
                self.values.pointers.store(op, whole, text)
            case _:
                raise AssertionError(sink)


def _has_short_rows(loop: Loop) -> bool:
    """Whether a loop only stores, in rows of few vectors: to ask each for its limit would weigh."""
    rows = prod(loop.space) // loop.space[loop.vector]
    stores = all(isinstance(sink, Effect) and isinstance(sink.op, ir.Store) for sink in loop.sinks)
    return stores and rows > 1 and loop.space[loop.vector] <= SHORT_ROW * loop.lanes


def _is_mostly_inner_loops(loop: Loop) -> bool:
    """Whether a loop's work is done in loops of its lanes that read and write no tiles."""
    inner = [
        one
        for sink in loop.sinks
        if isinstance(sink, Effect) and sink.op.blocks
        for one in walk_op(sink.op)
        if isinstance(one, ir.For | ir.While)
    ]
    accesses = (ir.Load, ir.LoadPointer, ir.Store, ir.StorePointer, ir.Atomic, ir.AtomicPointer)
    return bool(inner) and not any(
        isinstance(deep, accesses) and any(_is_tile(x) for x in (*deep.operands, *deep.results))
        for one in inner
        for deep in walk_op(one)
    )


def _is_tile(value: ir.Value) -> bool:
    return isinstance(value.type, Tile) and bool(value.tile.shape)
