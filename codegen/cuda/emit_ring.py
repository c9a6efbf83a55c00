"""Prints a loop whose blocks are fetched ahead: copies on their way while the threads compute.

Threads copy 16 bytes at a time, in groups that each waits for; or one thread has the hardware copy
boxes, whose bytes a barrier for each stage counts (TMA).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Protocol

from tilewright.dsl import ir
from tilewright.dsl.records import replace
from tilewright.dsl.types import i64

from ..analysis.contiguity import begin_of
from ..planning.coordinates import identity
from ..planning.steps import Compute, Leave, Step
from .accesses import WIDEST
from .elements import Elements
from .emit_access import Accesses, Follower
from .pipeline import size_of
from .program import Program, Turns, joined, moved
from .spelling import cast, type_of
from .steps import Copy, Loop, Multiply, Ring, views_read, views_written, walk_steps
from .writer import Writer


class Blocks(Protocol):
    """What prints the steps of a block."""

    def steps(self, steps: Sequence[Step]) -> None:
        """Print them."""

    def scalar_block(self, steps: Sequence[Step], targets: list[str]) -> None:
        """Print them; their scalars go to variables."""

    def variables(self, values: Sequence[ir.Value], inits: Sequence[ir.Value]) -> list[str]:
        """Variables that begin as the scalars among some values."""

    def bind(self, values: Sequence[ir.Value], names: list[str]) -> None:
        """Say what scalars are called."""


def emit_ring(program: Program, step: Ring, blocks: Blocks) -> None:
    """Print the loop: what its first rounds need is fetched before it."""
    turns = program.turns.get(step)
    if turns is None:
        _ByThreads(program, step, blocks).run()
    else:
        _ByHardware(program, step, blocks, turns).run()


def begin_turns(writer: Writer, step: Ring) -> Turns:
    """Print what a ring whose blocks the hardware copies needs for as long as the kernel runs."""
    turns = Turns(*map(writer.fresh, ("arrived", "stage", "parity")))
    writer.add(f"__shared__ u64 {turns.barriers}[{step.stages}];")
    with writer.block("if (thread == 0)"):
        for stage in range(step.stages):
            writer.add(f"mbarrier_init({turns.barriers} + {stage});")
        writer.add("mbarrier_init_fence();")
    writer.add(f"i32 {turns.stage} = 0;")
    writer.add(f"u32 {turns.parity} = 0;")
    return turns


class _RingText:
    """What both kinds of rings have in common."""

    def __init__(self, program: Program, step: Ring, blocks: Blocks) -> None:
        self.program = program
        self.writer = program.writer
        self.step = step
        self.blocks = blocks
        by_group = [one for one in step.body if isinstance(one, Multiply) and one.by_group]
        self.by_group = bool(by_group)
        inner = list(walk_steps(step.body))
        if not any(_touches(one, product) for one in inner for product in by_group):
            program.deferred.update(by_group)
        self.ahead = step.stages - 1
        self.fetched = ""  # what the function that fetches calls its stage

    def run(self) -> None:
        """The function that fetches, the first fetches, the rounds."""
        program, writer, op = self.program, self.writer, self.step.op
        counter, *carried = op.body.parameters
        start, stop, by = (
            cast(program.scalar(x), x.tile.dtype, i64) for x in (op.start, op.stop, op.step)
        )
        names = self.blocks.variables(carried, op.inits)
        self.blocks.bind(carried, names)
        rounds = writer.define("i32", "rounds", f"i32(rounds_of({start}, {stop}, {by}))")
        fetch = self._define_fetch(counter)
        ring = writer.fresh("round")
        base = "" if start == "0ll" else f"{start} + "
        self._first_fetches(ring, rounds, fetch, (base, by))
        # Where products are in flight no ways may meet before they are waited for.
        with writer.block_if(f"if ({rounds} > 0)" if self.by_group else None):
            with writer.block(f"for (i32 {ring} = 0; {ring} < {rounds}; ++{ring})"):
                self._bind_counter(counter, f"{base}{ring} * {by}")
                self._round(ring, rounds, f"{base}({ring} + {self.ahead}) * {by}", fetch, names)
            if self.by_group:
                writer.add("wgmma_wait<0>();")
                for held in program.in_flight:
                    writer.add(f"pin({held});")
                program.in_flight.clear()
        self._end()
        self.blocks.bind(op.results, names)

    def _first_fetches(self, ring: str, rounds: str, fetch: str, range_: tuple[str, str]) -> None:
        """Fetch what the first rounds need."""
        raise NotImplementedError

    def _round(self, ring: str, rounds: str, later: str, fetch: str, names: list[str]) -> None:
        """Wait for the blocks of a round, fetch those of a later one, compute."""
        raise NotImplementedError

    def _copies(self) -> None:
        """The copies of the blocks of a round."""
        raise NotImplementedError

    def _end(self) -> None:
        """What is left to do after the last round."""

    def _bind_counter(self, counter: ir.Parameter, text: str) -> None:
        kind = type_of(counter.tile.dtype)
        text = text if kind == "i64" else f"{kind}({text})"
        name = self.writer.define(kind, counter.name or "i", text)
        self.program.scalars[counter] = name

    def _define_fetch(self, counter: ir.Parameter) -> str:
        """A function that fetches the blocks of a round to the stage `fetched`."""
        writer, program = self.writer, self.program
        name = writer.fresh("fetch")
        place = writer.fresh(counter.name or "i")
        self.fetched = writer.fresh("stage")
        with writer.block(f"const auto {name} = [&](i64 {place}, i32 {self.fetched})"):
            kind = type_of(counter.tile.dtype)
            program.scalars[counter] = place if kind == "i64" else f"{kind}({place})"
            known = set(program.scalars)
            for one in self.step.scalars:
                assert isinstance(one, Compute)
                program.compute(one.op)
            self._copies()
            for value in set(program.scalars) - known:
                del program.scalars[value]
        writer.lines[-1] += ";"
        return name

    def _body(self, stage: str, names: list[str]) -> None:
        """The rest of a round, on the blocks of its stage."""
        program, writer = self.program, self.writer
        before = dict(program.buffers)
        for copy in self.step.copies:
            buffer = copy.view.buffer
            name, kind = before[buffer], type_of(buffer.dtype)
            size = buffer.size // self.step.stages
            program.buffers[buffer] = writer.define(
                f"{kind}*", f"{name}_now", f"{name} + {stage} * {size}"
            )
        written = {view.buffer for one in walk_steps(self.step.body) for view in views_written(one)}
        program.staged |= {
            view.buffer
            for one in self.step.body
            if isinstance(one, Multiply)
            for view in (one.a, one.b)
            if view.buffer not in written
        }
        needed = [one for one in self.step.scalars if isinstance(one, Compute)]
        for one in needed:
            program.compute(one.op)
        body = [one for one in self.step.body if not isinstance(one, Leave)]
        self.blocks.steps(body)
        leave = [one for one in self.step.body if isinstance(one, Leave)]
        self.blocks.scalar_block(leave, names)
        program.buffers.update(before)


class _ByHardware(_RingText):
    """One thread has boxes copied.

    A round's products are in flight, those of the round before are not when the threads meet: from
    then on the stage of the round before may be overwritten.
    """

    def __init__(self, program: Program, step: Ring, blocks: Blocks, turns: Turns) -> None:
        super().__init__(program, step, blocks)
        self.turns = turns

    def _first_fetches(self, ring: str, rounds: str, fetch: str, range_: tuple[str, str]) -> None:
        writer, (base, by) = self.writer, range_
        # What threads did to this memory, and what the first did to barriers, comes first.
        writer.add("fence_async();")
        writer.add("__syncthreads();")
        self.is_first = writer.define(
            "bool", "is_first_warp", "__shfl_sync(0xffffffffu, thread / 32, 0) == 0"
        )
        with writer.block(f"if ({self.is_first} && elected())"):
            writer.add("#pragma unroll")
            with writer.block(f"for (i32 {ring} = 0; {ring} < {self.ahead}; ++{ring})"):
                place = f"({self.turns.stage} + {ring}) % {self.step.stages}"
                writer.add(f"if ({ring} < {rounds}) {fetch}({base}{ring} * {by}, {place});")

    def _round(self, ring: str, rounds: str, later: str, fetch: str, names: list[str]) -> None:
        writer, stages, turns = self.writer, self.step.stages, self.turns
        writer.add(f"mbarrier_wait({turns.barriers} + {turns.stage}, {turns.parity});")
        self._body(turns.stage, names)
        writer.add("__syncthreads();")
        more = f"{ring} + {self.ahead} < {rounds}"
        with writer.block(f"if ({more} && {self.is_first} && elected())"):
            before = f"{turns.stage} == 0 ? {stages - 1} : {turns.stage} - 1"
            writer.add(f"{fetch}({later}, {before});")
        with writer.block(f"if (++{turns.stage} == {stages})"):
            writer.add(f"{turns.stage} = 0;")
            writer.add(f"{turns.parity} ^= 1;")

    def _copies(self) -> None:
        program, writer = self.program, self.writer
        size = sum(size_of(copy.view.buffer) for copy in self.step.copies) // self.step.stages
        barrier = writer.define("u64*", "arrived_now", f"{self.turns.barriers} + {self.fetched}")
        writer.add(f"mbarrier_expect({barrier}, {size});")
        for copy in self.step.copies:
            assert copy.map is not None
            rows, columns = copy.load.tile.shape
            y, x = (self._position(position) for position in copy.load.position)
            name = program.buffers[copy.view.buffer]
            for piece in range(columns // copy.map.columns):
                at = piece * copy.map.columns
                target = moved(f"{name} + {self.fetched} * {rows * columns}", rows * at)
                place = f"{moved(x, at)}, {y}"
                map_ = program.maps[copy.map]
                writer.add(f"tma_load_2d({target}, {map_}, {place}, {barrier});")

    def _position(self, position: ir.Value) -> str:
        """Where along an axis a block begins."""
        begin = begin_of(position)
        assert begin is not None
        start, offset = begin
        if start is None:
            return str(offset)
        text = cast(self.program.scalar(start), start.tile.dtype, i64)
        text = f"{text} + {offset}" if offset else text
        return self.writer.define("i32", "at", f"tma_position({text})")


class _ByThreads(_RingText):
    """Each thread copies its part."""

    def __init__(self, program: Program, step: Ring, blocks: Blocks) -> None:
        super().__init__(program, step, blocks)
        if self.by_group:  # products in flight still read what the round before them brought
            self.ahead -= 1

    def _first_fetches(self, ring: str, rounds: str, fetch: str, range_: tuple[str, str]) -> None:
        writer, (base, by) = self.writer, range_
        writer.add("#pragma unroll")
        with writer.block(f"for (i32 {ring} = 0; {ring} < {self.ahead}; ++{ring})"):
            writer.add(f"if ({ring} < {rounds}) {fetch}({base}{ring} * {by}, {ring});")
            writer.add("cp_async_commit();")

    def _round(self, ring: str, rounds: str, later: str, fetch: str, names: list[str]) -> None:
        writer, stages = self.writer, self.step.stages
        stage = writer.define("i32", "stage", f"{ring} % {stages}")
        writer.add(f"cp_async_wait<{self.ahead - 1}>();")
        if self.by_group:
            writer.add("fence_async();")
        writer.add("__syncthreads();")
        if self.by_group:  # first, so that the tensor cores are busy meanwhile
            self._body(stage, names)
        place = f"({ring} + {self.ahead}) % {stages}"
        writer.add(f"if ({ring} + {self.ahead} < {rounds}) {fetch}({later}, {place});")
        writer.add("cp_async_commit();")
        if not self.by_group:
            self._body(stage, names)

    def _end(self) -> None:
        self.writer.add("cp_async_wait<0>();")

    def _copies(self) -> None:
        for copy in self.step.copies:
            self._copy(copy)

    def _copy(self, copy: Copy) -> None:
        """The copies of a block that a thread makes, 16 bytes at a time."""
        program, load = self.program, copy.load
        shape = load.tile.shape
        loop = Loop(shape, (), (), ((load, identity(shape)),), (load,))
        elements = Elements(program, loop)
        accesses = Accesses(program, elements)
        elements.access_of = accesses.access
        accesses.prepare(load, identity(shape))
        if program.plan.threads % (shape[-1] * load.tile.dtype.itemsize // WIDEST) == 0:
            self._by_columns(copy, accesses)
        else:
            self._by_pieces(copy, accesses)

    def _by_columns(self, copy: Copy, accesses: Accesses) -> None:
        """Copies of a thread that lie below each other: what they share stands before them."""
        writer, threads, shape = self.writer, self.program.plan.threads, copy.load.tile.shape
        vector = WIDEST // copy.load.tile.dtype.itemsize
        across = shape[-1] // vector
        apart, rows = threads // across, prod(shape[:-1])
        column = f"thread % {across} * {vector}" if across > 1 else "0"
        column = writer.define("i32", "column", column)
        first = writer.define("i32", "row", f"thread / {across}" if across > 1 else "thread")
        elements = accesses.elements
        elements.coordinates = ["0"] * (len(shape) - 1) + [column]
        tests, left = _of_row(accesses, copy.load)
        size = copy.load.tile.dtype.itemsize
        amount = "16" if left is None else f"bytes_left({left}, {size})"
        amount = f"{amount} * ({joined(tests)})" if tests else amount
        amount = writer.define("i32", "bytes", amount)
        limits = {
            follower: writer.define("i32", "left", f"saturated({follower.limit})")
            for follower in _outer_followers(accesses, copy.load)
            if follower.limit is not None
        }
        turn, turns = writer.fresh("turn"), -(-rows // apart)
        writer.add("#pragma unroll")
        with writer.block(f"for (i32 {turn} = 0; {turn} < {turns}; ++{turn})"):
            row = writer.define("i32", "row", f"{first} + {turn} * {apart}")
            with writer.block_if(f"if ({row} < {rows})" if rows % apart else None):
                elements.coordinates = [*self._outer(row, shape), column]
                with elements.scope():
                    tests = _tests_of(accesses, copy.load, limits)
                    amount = f"{joined(tests)} ? {amount} : 0" if tests else amount
                    self._piece(copy, accesses, amount)

    def _by_pieces(self, copy: Copy, accesses: Accesses) -> None:
        """Copies of a thread that lie anywhere."""
        writer, threads, shape = self.writer, self.program.plan.threads, copy.load.tile.shape
        size = copy.load.tile.dtype.itemsize
        vector = WIDEST // size
        count, across = prod(shape) // vector, shape[-1] // vector
        turn = writer.fresh("turn")
        writer.add("#pragma unroll")
        head = f"for (i32 {turn} = 0; {turn} < {-(-count // threads)}; ++{turn})"
        with writer.block(head):
            piece = writer.define("i32", "piece", f"{turn} * {threads} + thread")
            with writer.block_if(f"if ({piece} < {count})" if count % threads else None):
                row = writer.define("i32", "row", f"{piece} / {across}")
                column = writer.define("i32", "column", f"{piece} % {across} * {vector}")
                accesses.elements.coordinates = [*self._outer(row, shape), column]
                with accesses.elements.scope():
                    tests, left = _of_row(accesses, copy.load)
                    tests += _tests_of(accesses, copy.load, {})
                    amount = "16" if left is None else f"bytes_left({left}, {size})"
                    amount = f"{amount} * ({joined(tests)})" if tests else amount
                    self._piece(copy, accesses, amount)

    def _piece(self, copy: Copy, accesses: Accesses, amount: str) -> None:
        """The copy of 16 bytes, so many of them from the array."""
        load, elements = copy.load, accesses.elements
        where = identity(load.tile.shape)
        offset = elements.offset(copy.view, where)
        apart = copy.view.buffer.size // self.step.stages
        name = self.program.buffers[copy.view.buffer]
        target = f"{name} + {self.fetched} * {apart} + {offset}"
        _, address = accesses.place(load, where, accesses.bases[load, where])
        self.writer.add(f"cp_async_16({target}, {address}, {amount});")

    def _outer(self, row: str, shape: tuple[int, ...]) -> list[str]:
        """The coordinates of a row of a block, by all axes but the last."""
        if len(shape) == 2:
            return [row]
        entry, rows, _ = shape
        whole = self.writer.define("i32", "entry", f"{row} / {rows}") if entry > 1 else "0"
        return [whole, f"{row} % {rows}" if entry > 1 else row]


def _touches(step: Step, product: Multiply) -> bool:
    """Whether a step of a round needs what a product gives, or gives what it adds to."""
    if step is product:
        return False
    views = (*views_written(step), *views_read(step))
    return any(view.buffer is product.out.buffer for view in views)


def _outer_followers(accesses: Accesses, load: ir.Load) -> list[Follower]:
    """The axes of the array, but the one of neighbours, along which a block goes."""
    base = accesses.bases[load, identity(load.tile.shape)]
    return [one for one in base.followers if one.axis != load.source.array.unit_axis]


def _tests_of(accesses: Accesses, load: ir.Load, limits: Mapping[Follower, str]) -> list[str]:
    """What must hold of a row; `limits` are known by other names."""
    where = identity(load.tile.shape)
    base = replace(accesses.bases[load, where], valid=None, followers=())
    tests, _ = accesses.place(load, where, base)
    for follower in _outer_followers(accesses, load):
        coordinate = accesses.elements.coordinates[follower.dimension]
        if follower in limits:
            tests.append(f"{coordinate} < {limits[follower]}")
        else:
            tests += accesses.test_of(follower, coordinate)
    return tests


def _of_row(accesses: Accesses, load: ir.Load) -> tuple[list[str], str | None]:
    """What must hold of a block at all, and how many elements are left in a row from a piece on."""
    base = accesses.bases[load, identity(load.tile.shape)]
    tests = [] if base.valid is None else [base.valid]
    left = None
    for follower in base.followers:
        coordinate = accesses.elements.coordinates[follower.dimension]
        if follower.axis != load.source.array.unit_axis:
            continue
        if follower.limit is not None:
            left = f"{follower.limit} - {coordinate}"
        elif follower.extent is not None:
            tests.append(f"{follower.first} + {coordinate} >= 0")
            left = f"{follower.extent} - {follower.first} - {coordinate}"
    return tests, left
