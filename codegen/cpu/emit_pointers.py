"""Loads and stores through pointers in a loop."""

from __future__ import annotations

from tilewright.dsl import ir

from ..analysis.contiguity import Coordinates, step_along, through_broadcast
from ..planning.coordinates import aligned
from .loop_state import LoopState, ValueAt
from .writer import Level, Val


class Pointers:
    """Accesses through pointers in one loop; `value` gives what pointers, masks and fills are."""

    def __init__(self, state: LoopState, value: ValueAt) -> None:
        self.state = state
        self.value = value
        self.writer = state.writer
        self.accesses = state.accesses

    def load(self, op: ir.LoadPointer, where: Coordinates) -> Val:
        """Read what pointers point at."""
        shape = op.tile.shape
        dtype = op.tile.dtype
        fill = None if op.fill is None else self.value(op.fill, aligned(op.fill, where, shape))
        mask = None if op.mask is None else self.value(op.mask, aligned(op.mask, where, shape))
        address, step, level = self._find(op.pointer, aligned(op.pointer, where, shape))
        extra = [x.level for x in (fill, mask) if x is not None]
        level = self.state.level(level, *extra, op=op)
        lanes = self.state.part.lanes
        if step == 0 and not any(x is not None and x.lanes for x in (fill, mask)):
            return self.accesses.load_at(address, dtype, mask, fill, level)
        mask = None if mask is None else self.state.spread(mask, lanes)
        fill = None if fill is None else self.state.spread(fill, lanes)
        if step == 1:
            return self.accesses.load_vector(address, dtype, lanes, mask, fill, level)
        return self.accesses.gather(self.state.spread(address, lanes), dtype, mask, fill, level)

    def store(self, op: ir.StorePointer, where: Coordinates, value: Val) -> None:
        """Write to where pointers point."""
        shape = op.value.tile.shape
        mask = None if op.mask is None else self.value(op.mask, aligned(op.mask, where, shape))
        address, step, _ = self._find(op.pointer, aligned(op.pointer, where, shape))
        lanes = self.state.part.lanes
        dtype = op.value.tile.dtype
        level = self.writer.level
        mask = None if mask is None else self.state.spread(mask, lanes)
        value = self.state.spread(value, lanes)
        if step == 1:
            self.accesses.store_vector(address, value, dtype, mask, level)
            return
        self.accesses.scatter(self.state.spread(address, lanes), value, dtype, mask, level)

    def atomic(self, op: ir.AtomicPointer, where: Coordinates, once: Val | None) -> Val:
        """Do an atomic through the pointer of each lane, or through one, where `once` holds; what
        was there.
        """
        mask = None if op.mask is None else self.value(op.mask, where)
        mask = mask if once is None else self.state.both(mask, once)
        address, step, _ = self._find(op.pointer, where)
        values = [self.value(x, where) for x in op.values]
        atomics = self.state.scalars.atomics
        if self.state.loop.vector not in where:
            return atomics.one(op, address, values, mask)
        lanes = self.state.part.lanes
        mask = None if mask is None else self.state.spread(mask, lanes)
        return atomics.each(op, address, step or 0, values, mask, lanes)

    def _find(self, pointer: ir.Value, where: Coordinates) -> tuple[Val, int | None, Level]:
        """A pointer tile: (address, 1) where it runs along memory, else addresses; its level."""
        is_kept = pointer in self.state.loop.reads  # what it was made of may not be there
        match pointer:
            case ir.Offset(base, count) if not is_kept and self._is_uniform(base, where):
                step = step_along(count, where, self.state.loop.vector, self.accesses.narrow)
                if step in (0, 1):
                    start = self.value(
                        base, tuple(None if c == self.state.loop.vector else c for c in where)
                    )
                    origin = tuple(None if c == self.state.loop.vector else c for c in where)
                    first = self.value(count, origin)
                    level = self.state.level(start.level, first.level)
                    pointee = pointer.tile.dtype.element
                    assert pointee is not None
                    wide = self.state.widened(first, count.tile.dtype, level)
                    address = self.accesses.address(start, wide, pointee, level)
                    if step == 1:
                        counter = self.state.index[self.state.loop.vector]
                        level = self.state.level(level, counter.level)
                        address = self.accesses.address(address, counter, pointee, level)
                    return address, step, level
        made = self.value(pointer, where)
        return made, None if made.lanes else 0, made.level

    def _is_uniform(self, base: ir.Value, where: Coordinates) -> bool:
        match base:
            case ir.Broadcast(x):
                return not x.tile.shape or self._is_uniform(
                    x, through_broadcast(x, where, base.tile.shape)
                )
            case _:
                return self.state.loop.vector not in where
