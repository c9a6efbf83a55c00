"""How much of a vector axis lies inside for all accesses: the interior, which needs no masks."""

from __future__ import annotations

from collections.abc import Sequence

from tilewright.dsl import ir
from tilewright.dsl.types import Tile

from ..analysis.contiguity import Coordinates, step_along, through_broadcast
from ..planning.coordinates import access_shape, aligned
from .emit_values import Values
from .loop_state import LoopState
from .writer import Level, Val

# What limits an interior: a condition (none: it always holds), and for how many elements from 0 on.
Limit = tuple[Val | None, Val | None]


class Guards:
    """The limits of one loop, at its vector axis, whose `position` in the order is given."""

    def __init__(self, state: LoopState, values: Values) -> None:
        self.state = state
        self.values = values
        self.loop = state.loop
        self.writer = state.writer
        self.accesses = state.accesses

    def interior_limit(self, position: int) -> Val | None:
        """How many elements lie inside for all guarded accesses; None if nothing guards."""
        limit: Val | None = None
        extent = self.loop.space[self.loop.vector]
        self.state.guarded.clear()
        found: list[Limit] = []
        self.state.unmasked.clear()
        for op, where in self.loop.guards:
            guarded = self.state.guarded
            conditions = self._conditions(op, where, position)
            if conditions is None and isinstance(op, ir.Atomic) and op.mask is not None:
                conditions = self._mask_ranges(op.mask, aligned(op.mask, where, op.shape), position)
                guarded = self.state.unmasked
            if conditions is None:
                continue
            guarded.add((op, where))
            found += conditions
        # What the loops around leave as it is comes first, and is computed outside them.
        for flag, most in sorted(found, key=_depth):
            value = most
            if flag is not None:
                amount = most or Val(str(extent), "i64", 0, self.state.base)
                value = self._put(f"select {flag}, {amount}, i64 0", "i64", flag, amount)
            assert value is not None
            limit = value if limit is None else self._call("smin", limit, value)
        if limit is None:
            return None
        limit = self._call("smin", limit, Val(str(extent), "i64", 0, self.state.base))
        return self._call("smax", limit, Val("0", "i64", 0, self.state.base))

    def _put(self, text: str, kind: str, *operands: Val) -> Val:
        """Append an instruction as far out as its operands allow."""
        return self.writer.put(text, kind, 0, self._level(operands))

    def _call(self, function: str, *operands: Val) -> Val:
        return self.writer.call(function, "i64", 0, operands, self._level(operands))

    def _level(self, operands: Sequence[Val]) -> Level:
        return self.state.level(*(operand.level for operand in operands))

    def _conditions(
        self, op: ir.Load | ir.Store | ir.Atomic, where: Coordinates, position: int
    ) -> list[Limit] | None:
        """What limits the interior for an access: (condition, number of elements) pairs.

        An access before the vector loop keeps its mask: it happens even if no vector does.
        """
        array = self.accesses.array(op.source)
        shape = access_shape(op)
        if not any(self._moves(x, aligned(x, where, shape), position) for x in op.position):
            return None
        found: list[Limit] = []
        for axis, (x, extent) in enumerate(zip(op.position, array.extents, strict=True)):
            if axis in op.inside:
                continue
            pair = self._range(x, aligned(x, where, shape), extent, position)
            if pair is None:
                return None
            found.append(pair)
        if array.valid is not None:
            found.append((array.valid, None))
        if op.mask is not None:
            masked = self._mask_ranges(op.mask, aligned(op.mask, where, shape), position)
            if masked is None:
                return None
            found += masked
        return found

    def _moves(self, x: ir.Value, where: Coordinates, position: int) -> bool:
        """Whether a position changes in the vector loop or one inside it."""
        return any(
            step_along(x, where, axis, self.accesses.narrow) != 0
            for axis in (self.loop.vector, *self.loop.order[position + 1 :])
        )

    def _inner_axes(self, position: int) -> list[int]:
        """The axes whose loops lie inside the vector loop: their extremes must lie inside.

        Of a block's rows too, which all are taken inside.
        """
        blocks = self.loop.blocks if self.state.rows > 1 else None
        rows = [] if blocks is None else [blocks.axis]
        return [*self.loop.order[position + 1 :], *rows]

    def _range(self, x: ir.Value, where: Coordinates, extent: Val, position: int) -> Limit | None:
        """When a position lies in [0, extent): a condition, and for how many elements from 0 on."""
        step = step_along(x, where, self.loop.vector, self.accesses.narrow)
        if step not in (0, 1) or self._is_made_in_turn(x):
            return None
        low = self._origin(x, where, position)
        if low is None:
            return None
        first, span = low
        last = first
        if span:
            last = self._put(f"add {first}, {span}", "i64", first)
        if step == 0:
            inside = self._put(f"icmp ult {first}, {extent.text}", "i1", first, extent)
            if span:
                also = self._put(f"icmp slt {last}, {extent.text}", "i1", last, extent)
                inside = self._put(f"and {inside}, {also.text}", "i1", inside, also)
            return inside, None
        count = self._put(f"sub {extent}, {last.text}", "i64", extent, last)
        not_below = self._put(f"icmp sge {first}, 0", "i1", first)
        return not_below, count

    def _origin(self, x: ir.Value, where: Coordinates, position: int) -> tuple[Val, int] | None:
        """A position at element 0 of the vector axis and those inside, and its rise there."""
        span = 0
        coordinates = list(where)
        blocks = self.loop.blocks
        for axis in (self.loop.vector, *self._inner_axes(position)):
            step = step_along(x, where, axis, self.accesses.narrow)
            if step is None or step < 0:
                return None
            is_row = self.state.rows > 1 and blocks is not None and axis == blocks.axis
            if axis != self.loop.vector:
                span += step * ((self.state.rows if is_row else self.loop.space[axis]) - 1)
            if not is_row:
                coordinates = [None if c == axis else c for c in coordinates]
        value = self.values.at(x, tuple(coordinates))
        return self.accesses.widened(value, x.tile.dtype, self._level([value])), span

    def _mask_ranges(self, mask: ir.Value, where: Coordinates, position: int) -> list[Limit] | None:
        """A mask as ranges, where it is made of comparisons of positions with limits."""
        if self._is_made_in_turn(mask):
            return None
        match mask:
            case ir.Binary("and", a, b):
                left = self._mask_ranges(a, where, position)
                right = self._mask_ranges(b, where, position)
                return None if left is None or right is None else left + right
            case ir.Broadcast(x) if x.tile.shape:
                return self._mask_ranges(x, through_broadcast(x, where, mask.tile.shape), position)
            case ir.Compare("lt", x, limit) if x.tile.dtype.is_signed and self._varies(
                where, position
            ):
                inner = [axis for axis in self._inner_axes(position) if axis in where]
                if inner or step_along(limit, where, self.loop.vector, self.accesses.narrow) != 0:
                    return None
                if step_along(x, where, self.loop.vector, self.accesses.narrow) != 1:
                    return None
                origin = tuple(None if c == self.loop.vector else c for c in where)
                start, stop = self.values.at(x, origin), self.values.at(limit, origin)
                first = self.accesses.widened(start, x.tile.dtype, self._level([start]))
                end = self.accesses.widened(stop, limit.tile.dtype, self._level([stop]))
                return [(None, self._put(f"sub {end}, {first.text}", "i64", end, first))]
            case _ if not self._varies(where, position):
                return [(self.values.at(mask, where), None)]
            case _:
                return None

    def _varies(self, where: Coordinates, position: int) -> bool:
        """Whether a value at coordinates may differ within the vector loop."""
        return any(axis in where for axis in (self.loop.vector, *self._inner_axes(position)))

    def _is_made_in_turn(self, x: ir.Value) -> bool:
        """Whether a value needs something that only the inside of this loop computes, in turn."""
        if self.values.is_read(x):
            return False
        is_unknown = self.writer.known((x, ())) is None
        match x:
            case ir.Atomic() | ir.AtomicPointer() | ir.Scan() if x.tile.shape:
                return True
            case ir.Result() | ir.Parameter() | ir.Reduce():
                return is_unknown
            case ir.Op(type=Tile(shape=())):
                return is_unknown and bool(x.operands)
            case ir.Op(type=Tile()):
                return any(self._is_made_in_turn(y) for y in x.operands if isinstance(y.type, Tile))
            case _:
                return False


def _depth(limit: Limit) -> int:
    return max(value.level.depth for value in limit if value is not None)
