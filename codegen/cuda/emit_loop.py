"""Prints one loop: each thread runs through its elements, neighbours packed where that pays."""

from __future__ import annotations

from contextlib import ExitStack
from math import prod

from tilewright.dsl import ir
from tilewright.dsl.records import replace

from ..analysis.contiguity import Coordinates
from ..planning.coordinates import access_shape, identity
from ..planning.steps import ArgFold, Effect, Fold, Keep, Sink
from ..planning.walks import walk_op
from .accesses import vector_of
from .dealing import member_of, row_of
from .elements import Elements, Fetched
from .emit_access import Accesses
from .emit_folds import Folds
from .emit_regions import Regions
from .program import Access, Program, in_memory, in_registers, joined, zero
from .rows import acts
from .spelling import bare, memory_type, name_of, type_of
from .steps import Layout, Loop
from .unrolling import Unrolling


def emit_loop(program: Program, loop: Loop) -> None:
    """Print a loop with all its sinks."""
    _LoopText(program, loop).run()


class _LoopText:
    def __init__(self, program: Program, loop: Loop) -> None:
        self.program = program
        self.writer = program.writer
        self.loop = loop
        self.layout: Layout = program.plan.layouts[loop]
        self.elements = Elements(program, loop)
        self.folds = Folds(program, loop, self.elements)
        self.regions = Regions(program, self.elements)
        self.accesses = Accesses(program, self.elements)
        self.elements.access_of = self.accesses.access
        self.unrolling = Unrolling(program, loop)
        self.packed_stores: dict[ir.Store, str] = {}
        kept = [sink for sink in loop.sinks if isinstance(sink, Keep)]
        self.elements.made = {sink.value: sink.view for sink in kept if _is_made(loop, sink)}
        for sink in loop.sinks:
            if isinstance(sink, Effect):
                self.elements.inner.update(walk_op(sink.op)[1:])

    def run(self) -> None:
        """Rows, then the elements of each, then what becomes of reductions."""
        self._mark_first()
        self._prepare()
        self.folds.begin()
        with ExitStack() as rows:
            row = self._enter_rows(rows)
            self.folds.begin_row()
            with ExitStack() as turns:
                self._chunk(self._enter_turns(turns, row))
            self.folds.end_row(row)
        self.folds.end()
        assert self.layout.threads == self.program.plan.threads

    def _mark_first(self) -> None:
        for sink in self.loop.sinks:
            match sink:
                case Keep(value=ir.Op() as op) | Effect(op=op) | Fold(op=op) | ArgFold(op=op):
                    self.writer.mark(op)
                    return
                case _:
                    pass

    def _prepare(self) -> None:
        """Print what all elements share of the accesses that each of them makes."""
        for op, where in self.loop.loads:
            if isinstance(op, ir.Load):
                self.accesses.prepare(op, where)
        for sink in self.loop.sinks:
            match sink:
                case Effect(ir.Store() | ir.Atomic() as op):
                    self.accesses.prepare(op, identity(self.loop.space))
                case _:
                    pass
        if not self.program.fast:
            self._divide()

    def _divide(self) -> None:
        """Divide all that a thread has of a kept tile by one number: one branch for all."""
        elements, writer = self.elements, self.writer
        views = {value: view for value, _, view in self.loop.reads if value not in elements.made}
        for op in self.loop.quotients:
            x, by = op.operands
            shared = elements.shared(by)
            if shared is None or x not in views or op.tile.shape != self.loop.space:
                continue
            layout = in_registers(self.program.plan, views[x])
            if layout is None:
                continue
            writer.mark(op)
            name = elements.quotients[op] = writer.fresh(op.name or "quotients")
            writer.add(f"f32 {name}[{layout.slots}];")
            kept = self.program.buffers[views[x].buffer]
            writer.add(f"divide_all({name}, {kept}, divisor({shared}));")

    # --- the way to an element

    def _enter_rows(self, stack: ExitStack) -> str:
        """Open the loop over the rows of a thread; which row it is at."""
        layout, writer = self.layout, self.writer
        if not layout.rows:
            return "0"
        row = writer.fresh("row")
        turn = "0"
        if layout.row_turns > 1:
            turn = writer.fresh("turn")
            self.unrolling.unroll(stack, layout.row_turns, layout.turns)
            head = f"for (i32 {turn} = 0; {turn} < {layout.row_turns}; ++{turn})"
            stack.enter_context(writer.block(head))
        self.turn_of_row = self.elements.row_slot = turn
        writer.add(f"const i32 {row} = {row_of(layout, turn)};")
        return row

    turn_of_row = "0"

    def _enter_turns(self, stack: ExitStack, row: str) -> str | None:
        """Open the loop over the elements of a row; the coordinates are known in it. What must hold
        for there to be elements.
        """
        layout, writer = self.layout, self.writer
        if layout.copied:
            return self._enter_copied(row)
        member = member_of(layout)
        turn = "0"
        if layout.turns > 1:
            turn = writer.fresh("turn")
            self.unrolling.unroll(stack, layout.turns)
            head = f"for (i32 {turn} = 0; {turn} < {layout.turns}; ++{turn})"
            stack.enter_context(writer.block(head))
        place = member if turn == "0" else f"{turn} * {layout.group} + {member}"
        wide = layout.neighbours
        if wide > 1:
            place = f"({place}) * {wide}" if "+" in place else f"{place} * {wide}"
        first = writer.define("i32", "first" if wide > 1 else "element", place)
        tests = []
        if layout.turns * layout.group * wide != layout.length:
            tests.append(f"{first} < {layout.length}")
        if layout.is_ragged and layout.rows:
            tests.append(f"{row} < {layout.row_count}")
        self.elements.coordinates = self._coordinates(row, first)
        slots = layout.turns * layout.vector
        base = "" if self.turn_of_row == "0" else f"{self.turn_of_row} * {slots} + "
        if turn != "0":
            base += f"{turn} * {layout.vector} + " if layout.vector > 1 else f"{turn} + "
        self.slot_base = base
        return joined(tests) or None

    def _enter_copied(self, row: str) -> str | None:
        """The only element of a row, at which all threads stand that share it."""
        self.elements.coordinates = [row, *["0"] * (len(self.loop.space) - 1)]
        self.slot_base = f"{self.turn_of_row} + "
        return f"{row} < {self.layout.row_count}" if self.layout.is_ragged else None

    slot_base = ""

    def _coordinates(self, row: str, first: str) -> list[str]:
        """The coordinates of the first element of a pack."""
        space, layout = self.loop.space, self.layout
        found = ["0"] * len(space)
        for number, axes in ((row, layout.rows), (first, layout.across)):
            extents = [space[axis] for axis in axes]
            for k, axis in enumerate(axes):
                inner = prod(extents[k + 1 :])
                text = number if inner == 1 else f"{number} / {inner}"
                if k and prod(extents[:k]) > 1:
                    text = f"{text} % {extents[k]}"
                if space[axis] == 1:
                    text = "0"
                elif text != number:
                    text = self.writer.define("i32", f"i{axis}", text)
                found[axis] = text
        return found

    # --- elements

    def _chunk(self, test: str | None) -> None:
        """A pack of neighbours: what is loaded at once, each element, what is stored at once."""
        along = len(self.loop.space) - 1
        with self.elements.scope():
            if test is not None:
                self._load_ahead(along, test)
            with self.writer.block_if(None if test is None else f"if ({test})"):
                if self.layout.vector == 1:
                    self.elements.slot = self.slot_base.removesuffix(" + ") or "0"
                    with self.elements.scope():
                        self._sinks()
                else:
                    self._pack(along)
        self.elements.fetched.clear()

    def _pack(self, along: int) -> None:
        writer, elements, vector = self.writer, self.elements, self.layout.vector
        first = elements.coordinates[along]
        with elements.scope():
            for op, where in self.loop.loads:
                if not isinstance(op, ir.Load) or (op, where) in elements.fetched:
                    continue
                if self._is_packed(op, where, op.tile.shape, along):
                    self._fetch(op, where, along)
            self._begin_stores(along)
            member = writer.fresh("k")
            elements.member = member
            elements.slot = f"{self.slot_base}{member}"
            writer.add("#pragma unroll")
            with writer.block(f"for (i32 {member} = 0; {member} < {vector}; ++{member})"):
                elements.coordinates[along] = f"({first} + {member})"
                elements.first = along, first
                with elements.scope():
                    self._sinks()
                elements.first = None
            elements.coordinates[along] = first
            self._end_stores()

    def _load_ahead(self, along: int, test: str) -> None:
        """Load in front of a test what it guards, under its condition: behind the test of a last
        round nothing would be on its way while the rounds before it wait.
        """
        for op, where in self.loop.loads:
            match op:
                case ir.Load(mask=None) if self.program.is_constant(op.source):
                    pass
                case _:
                    continue
            base = self.accesses.bases.get((op, where))
            fill = zero(op.tile.dtype) if op.fill is None else self.elements.shared(op.fill)
            if base is None or base.others or fill is None:
                continue
            if self.layout.vector == 1:
                self._load(op, where, test, fill)
            elif self._is_packed(op, where, op.tile.shape, along):
                self._fetch(op, where, along, test)

    def _load(self, op: ir.Load, where: Coordinates, test: str, fill: str) -> None:
        access = self.accesses.access(op, where)
        condition = joined([test, *([] if access.condition is None else [access.condition])])
        text = self.program.load(op, lambda _: fill, True, Access(access.address, condition))
        name = self.writer.define(type_of(op.tile.dtype), name_of(op), text)
        self.elements.know(op, name, where)

    def _fetch(self, op: ir.Load, where: Coordinates, along: int, test: str | None = None) -> None:
        """Load neighbours at once, if a test holds."""
        dtype, vector, wanted = op.tile.dtype, self.layout.vector, op.name or "loaded"
        self.writer.mark(op)
        tests, run, address = self._run(op, where, along)
        tests = tests if test is None else [test, *tests]
        condition = joined(tests) or None
        kind = f"Pack<{memory_type(dtype)}, {vector}>"
        constant = "_constant" if self.program.is_constant(op.source) else ""
        fill = None if op.fill is None else self.elements.shared(op.fill)
        if run is not None:
            position, extent = run
            call = f"load_some{constant}<{vector}>({address}, {position}, {extent})"
            call = call if condition is None else f"{condition} ? {call} : {kind}{{}}"
            condition = joined([*tests, f"inside({position} + {{member}}, {extent})"])
        elif condition is None:
            call = f"load_pack{constant}<{vector}>({address})"
        elif op.fill is None or fill is not None:
            more = "" if fill is None else f", {in_memory(fill, dtype)}"
            call = f"load_pack{constant}_if<{vector}>({condition}, {address}{more})"
            condition = None
        else:
            if not condition.isidentifier():
                condition = self.writer.define("bool", f"has_{wanted}", condition)
            call = f"load_pack{constant}_if<{vector}>({condition}, {address})"
        name = self.writer.define(kind, f"{wanted}_pack", call)
        self.elements.fetched[op, where] = Fetched(name, condition)

    def _run(
        self, op: ir.Load | ir.Store, where: Coordinates, along: int
    ) -> tuple[list[str], tuple[str, str] | None, str]:
        """Of neighbours at once: what must hold of all of them; if some of them may be inside and
        others not, where they begin along their own axis and how far that goes; the address.
        """
        base = self.accesses.bases[op, where]
        axis = op.source.array.unit_axis
        own = next(f for f in base.followers if f.axis == axis and f.dimension == along)
        coordinate = self.elements.coordinates[along]
        others = replace(base, followers=tuple(f for f in base.followers if f is not own))
        tests, _ = self.accesses.place(op, where, others)
        _, address = self.accesses.place(op, where, base)
        if op.source.array.even:  # all or none
            return [*tests, *self.accesses.test_of(own, coordinate)], None, address
        if own.limit is not None:
            return tests, (coordinate, own.limit), address
        if own.extent is not None:
            return tests, (f"{own.first} + {coordinate}", own.extent), address
        return tests, None, address

    def _is_packed(
        self, op: ir.Load | ir.Store, where: Coordinates, shape: tuple[int, ...], along: int
    ) -> bool:
        vector = self.layout.vector
        base = self.accesses.bases.get((op, where))
        if base is None or not any(f.axis == op.source.array.unit_axis for f in base.followers):
            return False
        return vector_of(op, where, shape, along, *self.program.facts) >= vector

    def _begin_stores(self, along: int) -> None:
        """Declare packs for what is stored at once."""
        self.packed_stores = {}
        for sink in self.loop.sinks:
            match sink:
                case Effect(ir.Store(mask=None) as op):
                    whole = identity(self.loop.space)
                    if access_shape(op) != self.loop.space:
                        continue
                    if not self._is_packed(op, whole, access_shape(op), along):
                        continue
                    name = self.writer.fresh("stored")
                    kind = f"Pack<{memory_type(op.value.tile.dtype)}, {self.layout.vector}>"
                    self.writer.add(f"{kind} {name};")
                    self.packed_stores[op] = name
                case _:
                    pass

    def _end_stores(self) -> None:
        along = len(self.loop.space) - 1
        for op, name in self.packed_stores.items():
            self.writer.mark(op)
            tests, run, address = self._run(op, identity(self.loop.space), along)
            if run is not None:
                position, extent = run
                head = f"if ({joined(tests)}) " if tests else ""
                call = f"store_some({address}, {name}, {position}, {extent});"
                self.writer.add(head + call)
            elif (
                tests and self.layout.row_turns > 1
            ):  # behind a branch an address needs no register
                self.writer.add(f"if ({joined(tests)}) store_pack({address}, {name});")
            elif tests:
                self.writer.add(f"store_pack_if({joined(tests)}, {address}, {name});")
            else:
                self.writer.add(f"store_pack({address}, {name});")

    def _sinks(self) -> None:
        if not self.layout.copied:
            for sink in self.loop.sinks:
                self._sink(sink)
            return
        others = []
        for sink in self.loop.sinks:
            match sink:
                case Keep(_, view) if in_registers(self.program.plan, view) is not None:
                    self._sink(sink)
                case Effect(op) if not acts(op):
                    self._sink(sink)
                case _:
                    others.append(sink)
        if others:  # one of the threads that share a row writes
            head = f"if (thread % {self.layout.group} == 0)"
            with self.writer.block(head), self.elements.scope():
                for sink in others:
                    self._sink(sink)

    def _sink(self, sink: Sink) -> None:
        program, elements = self.program, self.elements
        match sink:
            case Keep(value, view):
                text = elements.whole(value)
                name, test = program.buffers[view.buffer], ""
                if in_registers(program.plan, view) is not None:
                    place = elements.slot
                else:
                    place = bare(elements.offset(view, elements.place_of(value)))
                    test = self._test_of_one(value.tile.shape)
                self.writer.add(f"{test}{name}[{place}] = {bare(text)};")
            case Fold() | ArgFold():
                self.folds.take(sink)
            case Effect(ir.Store() as op) if op in self.packed_stores:
                text = in_memory(elements.whole(op.value), op.value.tile.dtype)
                self.writer.add(f"{self.packed_stores[op]}.at[{elements.member}] = {text};")
            case Effect(op):
                self.regions.run(op)
            case _:
                raise AssertionError(sink)

    def _test_of_one(self, shape: tuple[int, ...]) -> str:
        """Of lanes that have one element of a smaller tile, one keeps it: several would race."""
        space = self.loop.space
        wide = (1,) * (len(space) - len(shape)) + shape
        axes = [axis for axis, extent in enumerate(wide) if extent < space[axis]]
        tests = [f"{self.elements.coordinates[axis]} == 0" for axis in axes]
        return f"if ({joined(tests)}) " if tests else ""


def _is_made(loop: Loop, sink: Keep) -> bool:
    """Whether a loop keeps a tile for the first time: what others read is what it computes."""
    return any(value is sink.value and view == sink.view for value, _, view in loop.reads)
