"""What all that prints one loop shares: its counters, its current part, where code goes."""

from __future__ import annotations

from collections.abc import Callable

from tilewright.dsl import ir
from tilewright.dsl.records import field, record
from tilewright.dsl.types import Dtype

from ..analysis.contiguity import Coordinates
from .emit_access import STREAM_ALIGNMENT
from .emit_scalar import Scalars
from .steps import Loop
from .writer import Level, Val

ValueAt = Callable[[ir.Value, Coordinates], Val]


@record
class Part:
    """A stretch of the vector axis: its lanes, and whether guarded accesses lie inside.

    In a `streaming` one the loop's streams go past the caches; the text of a condition says when.
    Their vectors begin at multiples of `alignment`.
    """

    lanes: int
    interior: bool
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
    that nothing is printed outside of just now.
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

    def level(self, *levels: Level, op: ir.Op | None = None) -> Level:
        """Where an op is printed: as far out as its operands, its loops and its region allow."""
        found = [self.base, *levels]
        if op is not None and op in self.home:
            found.append(self.home[op])
        if self.innermost is not None:
            found.append(self.innermost)
        return self.writer.deepest(*found)

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
