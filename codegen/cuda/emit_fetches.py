"""Prints how blocks get to the stages of a ring: by the hardware or by the threads.

Threads copy 16 bytes at a time, in groups that each waits for; or one thread has the hardware copy
boxes, whose bytes a barrier for each stage counts (TMA).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Protocol

from tilewright.dsl import ir
from tilewright.dsl.records import record, replace
from tilewright.dsl.types import i64

from ..analysis.contiguity import begin_of
from ..planning.coordinates import identity
from .accesses import WIDEST
from .elements import Elements
from .emit_access import Accesses, Follower
from .pipeline import size_of
from .program import Program, Turns, joined, moved
from .spelling import cast
from .steps import Copy, Loop, Ring
from .writer import Writer


@record
class Rounds:
    """What the rounds of a loop are called: the present one, how many there are, where the counter
    begins and by what it grows, the function that fetches.
    """

    present: str
    count: str
    base: str
    by: str
    fetch: str

    def place(self, number: str) -> str:
        """The counter in a round."""
        return f"{self.base}{number} * {self.by}"


class Fetching(Protocol):
    """Prints what fetches the blocks of a ring."""

    def copies(self, stage: str) -> None:
        """Print the copies of the blocks of a round to a stage."""

    def begin(self, rounds: Rounds) -> None:
        """Print the fetches of what the first rounds need."""

    def round(self, rounds: Rounds, body: Callable[[str], None]) -> None:
        """Print a round: wait for its blocks, fetch those of a later one; `body` prints the rest,
        on the blocks of a stage.
        """

    def end(self) -> None:
        """Print what is left to do after the last round."""


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


class ByHardware:
    """One thread has boxes copied.

    A round's products are in flight, those of the round before are not when the threads meet: from
    then on the stage of the round before may be overwritten.
    """

    def __init__(self, program: Program, step: Ring, turns: Turns) -> None:
        self.program = program
        self.writer = program.writer
        self.step = step
        self.turns = turns
        self.ahead = step.stages - 1
        self.is_first = ""  # whether a thread is in the warp that fetches

    def begin(self, rounds: Rounds) -> None:
        """Print the fetches of what the first rounds need."""
        writer, number = self.writer, rounds.present
        # What threads did to this memory, and what the first did to barriers, comes first.
        writer.add("fence_async();")
        writer.add("__syncthreads();")
        self.is_first = writer.define(
            "bool", "is_first_warp", "__shfl_sync(0xffffffffu, thread / 32, 0) == 0"
        )
        with writer.block(f"if ({self.is_first} && elected())"):
            writer.add("#pragma unroll")
            with writer.block(f"for (i32 {number} = 0; {number} < {self.ahead}; ++{number})"):
                stage = f"({self.turns.stage} + {number}) % {self.step.stages}"
                _fetch(writer, rounds, number, stage)

    def round(self, rounds: Rounds, body: Callable[[str], None]) -> None:
        """Print a round: its products run on while the blocks of a later one are fetched."""
        writer, stages, turns = self.writer, self.step.stages, self.turns
        writer.add(f"mbarrier_wait({turns.barriers} + {turns.stage}, {turns.parity});")
        body(turns.stage)
        writer.add("__syncthreads();")
        later = f"{rounds.present} + {self.ahead}"
        more = f"{later} < {rounds.count}"
        with writer.block(f"if ({more} && {self.is_first} && elected())"):
            before = f"{turns.stage} == 0 ? {stages - 1} : {turns.stage} - 1"
            place = rounds.place(f"({later})")
            writer.add(f"{rounds.fetch}({place}, {before});")
        with writer.block(f"if (++{turns.stage} == {stages})"):
            writer.add(f"{turns.stage} = 0;")
            writer.add(f"{turns.parity} ^= 1;")

    def end(self) -> None:
        """Print nothing: the last round has waited for all blocks."""

    def copies(self, stage: str) -> None:
        """Print the copies of a round's blocks, box by box, for one thread."""
        program, writer = self.program, self.writer
        size = sum(size_of(copy.view.buffer) for copy in self.step.copies) // self.step.stages
        barrier = writer.define("u64*", "arrived_now", f"{self.turns.barriers} + {stage}")
        writer.add(f"mbarrier_expect({barrier}, {size});")
        for copy in self.step.copies:
            assert copy.map is not None
            rows, columns = copy.load.tile.shape
            y, x = (self._position(position) for position in copy.load.position)
            name = program.buffers[copy.view.buffer]
            for piece in range(columns // copy.map.columns):
                at = piece * copy.map.columns
                target = moved(f"{name} + {stage} * {rows * columns}", rows * at)
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


class ByThreads:
    """Each thread copies its part."""

    def __init__(self, program: Program, step: Ring, by_group: bool) -> None:
        self.program = program
        self.writer = program.writer
        self.step = step
        self.by_group = by_group
        # Products in flight still read what the round before them brought.
        self.ahead = step.stages - (2 if by_group else 1)

    def begin(self, rounds: Rounds) -> None:
        """Print the fetches of what the first rounds need."""
        writer, number = self.writer, rounds.present
        writer.add("#pragma unroll")
        with writer.block(f"for (i32 {number} = 0; {number} < {self.ahead}; ++{number})"):
            _fetch(writer, rounds, number, number)
            writer.add("cp_async_commit();")

    def round(self, rounds: Rounds, body: Callable[[str], None]) -> None:
        """Print a round: a later one is fetched before its products, or behind those in flight."""
        writer, stages = self.writer, self.step.stages
        stage = writer.define("i32", "stage", f"{rounds.present} % {stages}")
        writer.add(f"cp_async_wait<{self.ahead - 1}>();")
        if self.by_group:
            writer.add("fence_async();")
        writer.add("__syncthreads();")
        if self.by_group:  # first, so that the tensor cores are busy meanwhile
            body(stage)
        later = f"{rounds.present} + {self.ahead}"
        test, place = f"{later} < {rounds.count}", rounds.place(f"({later})")
        writer.add(f"if ({test}) {rounds.fetch}({place}, ({later}) % {stages});")
        writer.add("cp_async_commit();")
        if not self.by_group:
            body(stage)

    def end(self) -> None:
        """Print that all copies are waited for."""
        self.writer.add("cp_async_wait<0>();")

    def copies(self, stage: str) -> None:
        """Print a thread's part of the copies of a round's blocks."""
        for copy in self.step.copies:
            self._copy(copy, stage)

    def _copy(self, copy: Copy, stage: str) -> None:
        """The copies of a block that a thread makes, 16 bytes at a time."""
        program, load = self.program, copy.load
        shape = load.tile.shape
        loop = Loop(shape, (), (), ((load, identity(shape)),), (load,))
        elements = Elements(program, loop)
        accesses = Accesses(program, elements)
        elements.access_of = accesses.access
        accesses.prepare(load, identity(shape))
        if program.plan.threads % (shape[-1] * load.tile.dtype.itemsize // WIDEST) == 0:
            self._by_columns(copy, accesses, stage)
        else:
            self._by_pieces(copy, accesses, stage)

    def _by_columns(self, copy: Copy, accesses: Accesses, stage: str) -> None:
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
                    self._piece(copy, accesses, amount, stage)

    def _by_pieces(self, copy: Copy, accesses: Accesses, stage: str) -> None:
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
                    self._piece(copy, accesses, amount, stage)

    def _piece(self, copy: Copy, accesses: Accesses, amount: str, stage: str) -> None:
        """The copy of 16 bytes, so many of them from the array."""
        load, elements = copy.load, accesses.elements
        where = identity(load.tile.shape)
        offset = elements.offset(copy.view, where)
        apart = copy.view.buffer.size // self.step.stages
        name = self.program.buffers[copy.view.buffer]
        target = f"{name} + {stage} * {apart} + {offset}"
        _, address = accesses.place(load, where, accesses.bases[load, where])
        self.writer.add(f"cp_async_16({target}, {address}, {amount});")

    def _outer(self, row: str, shape: tuple[int, ...]) -> list[str]:
        """The coordinates of a row of a block, by all axes but the last."""
        if len(shape) == 2:
            return [row]
        entry, rows, _ = shape
        whole = self.writer.define("i32", "entry", f"{row} / {rows}") if entry > 1 else "0"
        return [whole, f"{row} % {rows}" if entry > 1 else row]


def _fetch(writer: Writer, rounds: Rounds, number: str, stage: str) -> None:
    """Fetch the blocks of a round, if there is one, to a stage."""
    test, place = f"{number} < {rounds.count}", rounds.place(number)
    writer.add(f"if ({test}) {rounds.fetch}({place}, {stage});")


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
