"""What all that prints one loop shares: its counters, its current part, where code goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tilewright.dsl import ir
from tilewright.dsl.records import field, record
from tilewright.dsl.types import Dtype

from ..analysis.contiguity import Coordinates
from ..planning.steps import (
    Located,
)
from .emit_access import STREAM_ALIGNMENT
from .emit_scalar import Scalars
from .steps import (
    Loop,
)
from .writer import Level, Val

ValueAt = Callable[[ir.Value, Coordinates], Val]


@record
class Part:
    """A stretch of the vector axis: its lanes, and whether guarded accesses lie inside.

    In a `streaming` one the loop's streams go past the caches; the text of a condition says when.
    Their vectors begin at multiples of `alignment`. So many vectors are `in_flight` at once.
    """

    lanes: int
    interior: bool
    in_flight: int = 1
    streaming: str = "false"
    alignment: int = STREAM_ALIGNMENT


@record(frozen=False)
class Position:
    """A position in an array, taken apart along the vector axis.

    `origins` are where it is at element 0 of the axis, with the array's strides; `steps` how it
    moves from element to element, where that is constant; `others` are all else, with their dtypes.
    """

    origins: list[tuple[Val, Val]] = field(default_factory=list)
    steps: list[tuple[int, Val]] = field(default_factory=list)
    others: list[tuple[Val, Dtype, Val]] = field(default_factory=list)


class LoopState:
    """The state of one loop while it is printed.

    `index` are the counters by axis, `guarded` the accesses that need no mask in an interior part,
    `unmasked` those that need none but for their positions,
    `home` the level of each op of a region, `base` the level around the whole nest, `innermost` one
    that nothing is printed outside of just now. Of the vectors in flight `present` is the one that
    the counter along the vector axis is for just now. Of a block `rows` is how many there are and
    `row` the present one (-1: one of a loop), `turned` their vectors by access, `starts` where they
    lie. Masks of stores in a loop that `has_rare_edge` seldom leave out a lane.
    """

    def __init__(self, scalars: Scalars, loop: Loop, base: Level) -> None:
        self.scalars = scalars
        self.writer = scalars.writer
        self.accesses = scalars.accesses
        self.flags = scalars.flags
        self.loop = loop
        self.base = base
        self.part = Part(0, False)
        self.index: dict[int, Val] = {}
        self.guarded: set[tuple[ir.Op, Coordinates]] = set()
        self.unmasked: set[tuple[ir.Op, Coordinates]] = set()
        self.home: dict[ir.Op, Level] = {}
        self.innermost: Level | None = None
        self.rows = 1
        self.row = 0
        self.turned: dict[Located, list[Val]] = {}
        self.starts: dict[Located, tuple[Val, Val]] = {}
        self.present = 0
        self.has_rare_edge = False
        # Masks that wait are as wide as the widest elements: those that fill a register.
        bits = self.writer.machine.vector_bytes * 8 // loop.edge_lanes
        self.mask_element = f"i{bits}" if loop.space[loop.vector] > loop.edge_lanes else "i32"

    def flight(self, where: Coordinates | None = None) -> Iterator[int]:
        """Stand at each vector in flight in turn; only at the first for what all of them share."""
        yield 0
        axis = self.loop.vector
        if self.part.in_flight == 1 or (where is not None and axis not in where):
            return
        first = self.index[axis]
        for present in range(1, self.part.in_flight):
            self.present = present
            self.index[axis] = self._further(first, present * self.part.lanes)
            yield present
        self.present = 0
        self.index[axis] = first

    def _further(self, counter: Val, distance: int) -> Val:
        """A counter so many elements further on; once for each."""
        key = ("further", counter.text, distance)
        found = self.writer.known(key)
        if found is None:
            if counter.text.isdigit():
                text = str(int(counter.text) + distance)
                found = Val(text, "i64", 0, counter.level)
            else:
                text = f"add i64 {counter.text}, {distance}"
                found = self.writer.put(text, "i64", 0, counter.level)
            counter.level.known[key] = found
        return found

    def key(self, value: ir.Value, where: Coordinates) -> object:
        """Under what a value at coordinates is known: each vector in flight has its own, or row."""
        blocks = self.loop.blocks
        if self.present and self.loop.vector in where:
            return value, where, self.present
        if self.row and blocks is not None and blocks.axis in where:
            return value, where, self.row
        return value, where

    def level(self, *levels: Level, op: ir.Op | None = None) -> Level:
        """Where an op is printed: as far out as its operands, its loops and its region allow."""
        found = [self.base, *levels]
        if op is not None and op in self.home:
            found.append(self.home[op])
        if self.innermost is not None:
            found.append(self.innermost)
        return self.writer.deepest(*found)

    def is_turned(self, access: Located) -> bool:
        """Whether an access is one to a block that is transposed, and one is read just now."""
        blocks = self.loop.blocks
        return self.rows > 1 and blocks is not None and access in blocks.turned

    def axis_levels(self, where: Coordinates) -> list[Level]:
        """The levels of the loops that coordinates follow."""
        return [self.index[axis].level for axis in where if axis is not None]

    def spread(self, value: Val, lanes: int) -> Val:
        """A value in all lanes; once per value."""
        if value.lanes:
            return value
        key = ("splat", value.text, value.element, lanes)
        found = self.writer.known(key)
        if found is None:
            level = self.level(value.level)
            found = self.accesses.splat(value, lanes, level)
            level.known[key] = found
        return found

    def widened(self, value: Val, dtype: Dtype, level: Level) -> Val:
        """An integer in 64 bits; once per value."""
        key = ("wide", value.text, value.element)
        found = self.writer.known(key)
        if found is None:
            found = self.accesses.widened(value, dtype, level)
            level.known[key] = found
        return found

    def both(self, a: Val | None, b: Val) -> Val:
        """Two conditions; None stands for one that always holds."""
        if a is None:
            return b
        if a.lanes != b.lanes:
            lanes = max(a.lanes, b.lanes)
            a, b = self.spread(a, lanes), self.spread(b, lanes)
        level = self.level(a.level, b.level)
        return self.writer.put(f"and {a}, {b.text}", "i1", a.lanes, level)
