"""Finds loops whose blocks of arrays can be fetched ahead, into several places in turn.

That is a `for` that copies blocks of arrays which nothing writes to shared memory, 16 bytes at a
time, and multiplies by them; where the blocks lie no round before has to say. While a round
computes, the blocks of later rounds arrive. For products by four warps the hardware copies them,
box for box, where it can.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.records import replace
from tilewright.dsl.types import Tile

from ..analysis.contiguity import begin_of, step_along
from ..analysis.divisibility import Divisors
from ..analysis.memory import root_of, written
from ..planning.coordinates import aligned, identity
from ..planning.steps import (
    Buffer,
    Compute,
    Keep,
    Leave,
    Repeat,
    Sink,
    Step,
    View,
    itemsize_of,
)
from ..planning.walks import INLINE
from ..target import Gpu
from .accesses import WIDEST, vector_of
from .products import PIECE, is_zero, turned
from .steps import (
    Copy,
    Loop,
    Multiply,
    Ring,
    TensorMap,
    is_left,
    rebuilt,
    views_read,
    views_written,
    walk_steps,
)

STAGES: Final = 4
LEAST_STAGES: Final = 3
MOST_BOX: Final = 256  # elements of a side
MOST_MAPS: Final = 8  # of a kernel; each is a parameter of 128 bytes


def fetch_ahead(
    function: ir.Function, steps: tuple[Step, ...], gpu: Gpu, limit: int, stages: int | None
) -> tuple[Step, ...]:
    """The same steps with rings for the loops that can be such; they fit `limit` bytes."""
    finder = _Finder(function, steps, gpu, limit, stages)
    return rebuilt(steps, finder.block)


class _Finder:
    def __init__(
        self,
        function: ir.Function,
        steps: tuple[Step, ...],
        gpu: Gpu,
        limit: int,
        stages: int | None,
    ) -> None:
        self.function = function
        self.gpu = gpu
        self.stages = stages
        pairs = zip(function.parameters, written(function), strict=True)
        self.constant = {parameter for parameter, is_written in pairs if not is_written}
        self.narrow = "narrow" in function.facts
        self.maps: set[TensorMap | None] = set()
        self.divisors = Divisors(function)
        self.uses: dict[ir.Value, list[ir.Op]] = {}
        for op in ir.walk(function.body):
            for value in op.operands:
                self.uses.setdefault(value, []).append(op)
        self.users: dict[Buffer, list[Step]] = {}
        for step in walk_steps(steps):
            for view in (*views_written(step), *views_read(step)):
                self.users.setdefault(view.buffer, []).append(step)
        operands = {
            view.buffer
            for step in walk_steps(steps)
            if isinstance(step, Multiply)
            for view in (step.b, *([] if is_left(step) else [step.a]))
        }
        # What else the products take is in shared memory, too.
        self.room = limit - sum(map(size_of, operands))

    def block(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """Steps, loops among them made rings."""
        return tuple([self._ring(s) or s if isinstance(s, Repeat) else s for s in steps])

    def _ring(self, step: Repeat) -> Ring | None:
        if "disjoint" not in self.function.facts or self.stages == 1:
            return None
        scalars: list[Step] = []
        copies: list[Copy] = []
        body: list[Step] = []
        known = _Known(step.op)
        for one in step.body:
            match one:
                case Compute(op) if op.effect is ir.Effect.PURE and known.knows(op):
                    scalars.append(one)
                    known.add(op)
                case Loop():
                    found, rest = self._split(one, known)
                    copies += found
                    body += rest
                case Multiply() | Leave(ir.Yield()) | Compute():
                    body.append(one)
                case _:
                    return None
        if not copies:
            return None
        size = sum(size_of(copy.view.buffer) for copy in copies)
        by_tensor = any(isinstance(one, Multiply) and one.tensor is not None for one in body)
        wanted = STAGES if by_tensor else LEAST_STAGES  # threads take longer for a round
        stages = min(self.stages or wanted, 1 + self.room // size)
        if stages < LEAST_STAGES:
            return None
        self.room -= size * (stages - 1)
        if self.gpu.has_tma and any(map(_is_by_group, body)) and not _may_fail(step.op):
            copies = self._with_maps(copies)
        return _with_stages(step.op, stages, scalars, copies, body)

    def _split(self, loop: Loop, known: _Known) -> tuple[list[Copy], list[Loop]]:
        """The copies of blocks that a loop makes, and a loop for what else it does."""
        found = {sink: self._copy(loop, sink, known) for sink in loop.sinks}
        copies = [copy for copy in found.values() if copy is not None]
        if not copies:
            return [], [loop]
        sinks = tuple(sink for sink, copy in found.items() if copy is None)
        gone = {copy.load for copy in copies}
        loads = tuple((op, where) for op, where in loop.loads if op not in gone)
        accesses = tuple(op for op in loop.accesses if op not in gone)
        rest = replace(loop, sinks=sinks, loads=loads, accesses=accesses)
        return copies, [rest] if sinks else []

    def _copy(self, loop: Loop, sink: Sink, known: _Known) -> Copy | None:
        """The copy that a sink of a loop is."""
        match sink:
            case Keep(ir.Load(mask=None) as load, view) if self._is_factor(load):
                pass
            case _:
                return None
        if not all(known.knows(position) for position in load.position):
            return None
        if not is_zero(load.fill) or root_of(load.source) not in self.constant:
            return None
        if load.tile.shape != loop.space or isinstance(load.source, ir.SubArray):
            return None
        users = [one for one in self.users[view.buffer] if one is not loop]
        if not all(isinstance(one, Multiply) and one.out != view for one in users):
            return None
        along = len(loop.space) - 1
        where = identity(loop.space)
        vector = vector_of(load, where, loop.space, along, self.narrow, self.divisors)
        wanted = WIDEST // load.tile.dtype.itemsize
        if vector < wanted or loop.space[along] % wanted or along < 1:
            return None
        if view.offset % wanted or any(stride % wanted for stride in view.strides[:-1]):
            return None
        return Copy(load, view) if view.strides[-1] == 1 else None

    def _is_factor(self, value: ir.Value) -> bool:
        """Whether only products need a block."""
        return all(
            isinstance(user, ir.Dot) or (turned(user) is value and self._is_factor(user))
            for user in self.uses.get(value, ())
        )

    def _with_maps(self, copies: list[Copy]) -> list[Copy]:
        """The same copies, made by the hardware if it can make all of them."""
        found = []
        for copy in copies:
            of = self._map(copy)
            if of is None:
                return copies
            found.append(replace(copy, map=of))
        maps = self.maps | {copy.map for copy in found}
        if len(maps) > MOST_MAPS:
            return copies
        self.maps = maps
        return found

    def _map(self, copy: Copy) -> TensorMap | None:
        """The boxes that a block is made of: pieces of its swizzled rows; None if it is not."""
        load, view = copy.load, copy.view
        rows, columns = load.tile.shape
        if not isinstance(load.source, ir.Parameter) or not self.narrow:
            return None
        array, shape = load.source.array, load.tile.shape
        if array.rank != 2 or array.unit_axis != 1 or not array.aligned or rows > MOST_BOX:
            return None
        if view.swizzle != rows or view.strides != (columns, 1):
            return None
        for axis, position in enumerate(load.position):
            place = aligned(position, identity(shape), shape)
            steps = [step_along(position, place, along, self.narrow) for along in range(2)]
            if begin_of(position) is None or steps != [int(along == axis) for along in range(2)]:
                return None
        return TensorMap(load.source, rows, PIECE // load.tile.dtype.itemsize)


class _Known:
    """What a round can tell of later rounds: what comes from outside a loop or from its counter."""

    def __init__(self, op: ir.For) -> None:
        counter, *carried = op.body.parameters
        inside = set(ir.walk(op.body))
        self.unknown: set[ir.Value] = {result for one in inside for result in one.results}
        for one in inside:
            for block in one.blocks:
                self.unknown.update(block.parameters)
        self.unknown.update(carried)
        self.found: set[ir.Value] = {counter}

    def add(self, op: ir.Op) -> None:
        """Note a scalar that is computed ahead."""
        self.found.update(op.results)

    def knows(self, value: ir.Value) -> bool:
        """Whether a value, or an op that is to be computed ahead, is made of such."""
        if value in self.found or value not in self.unknown:
            return True
        match value:
            case ir.Load() | ir.LoadPointer():
                return False
            case ir.Op() if _is_tile(value) and not isinstance(value, INLINE):
                return False
            case ir.Op() if not _is_tile(value) and any(map(_is_tile, value.operands)):
                return False  # a loop finds it
            case ir.Op():
                is_pure = value.effect is ir.Effect.PURE and not value.blocks
                return is_pure and all(self.knows(x) for x in value.operands)
            case _:
                return False


def _is_tile(value: ir.Value) -> bool:
    return isinstance(value.type, Tile) and bool(value.type.shape)


def _with_stages(
    op: ir.For, stages: int, scalars: list[Step], copies: list[Copy], body: list[Step]
) -> Ring:
    """A ring over buffers that have place for all stages."""
    larger = {
        copy.view.buffer: replace(copy.view.buffer, size=copy.view.buffer.size * stages)
        for copy in copies
    }

    def moved(view: View) -> View:
        buffer = larger.get(view.buffer)
        return view if buffer is None else replace(view, buffer=buffer)

    def changed(step: Step) -> Step:
        match step:
            case Multiply(a=a, b=b):
                return replace(step, a=moved(a), b=moved(b))
            case _:
                return step

    made = tuple(replace(copy, view=moved(copy.view)) for copy in copies)
    return Ring(op, stages, tuple(scalars), made, tuple(map(changed, body)))


def _is_by_group(step: Step) -> bool:
    return isinstance(step, Multiply) and step.by_group


def _may_fail(op: ir.For) -> bool:
    """Whether a round may end the program, which what the hardware copies must not outlive."""
    return any(isinstance(inner, ir.Check) for inner in ir.walk(op.body))


def size_of(buffer: Buffer) -> int:
    """The bytes of a tile."""
    return buffer.size * itemsize_of(buffer.dtype)
