"""Accesses to arrays in a loop: where they go, how far lanes lie apart, under which mask."""

from __future__ import annotations

from collections.abc import Callable

from tilewright.dsl import ir
from tilewright.dsl.records import record, replace
from tilewright.dsl.types import Dtype

from ..analysis.contiguity import Coordinates, step_along
from ..planning.coordinates import access_shape, aligned
from ..planning.steps import (
    View,
    itemsize_of,
)
from .emit_ahead import Ahead
from .emit_bounds import Bounds
from .emit_gather import Gathers
from .emit_turned import Turned
from .emit_updates import Updates
from .loop_state import LoopState, Position, ValueAt
from .spelling import element, memory_element, vector
from .writer import Level, Val


@record
class Access:
    """Where an access goes: one address and a stride of 0 or 1, or an address for each lane."""

    address: Val | None
    addresses: Val | None
    stride: int
    mask: Val | None
    level: Level


class Arrays:
    """Accesses to arrays in one loop; `value` gives what positions, masks and fills are."""

    def __init__(self, state: LoopState, value: ValueAt) -> None:
        self.state = state
        self.value = value
        self.writer = state.writer
        self.accesses = state.accesses
        self.bounds = Bounds(state)
        self.ahead = Ahead(state)
        self.updates = Updates(state)
        self.turned = Turned(state)
        self.gathers = Gathers(state)

    def load(self, op: ir.Load, where: Coordinates) -> Val:
        """Read a vector or scalar."""
        shape, dtype = op.tile.shape, op.tile.dtype
        row = self.turned.load((op, where), dtype, lambda: self._block(op, where))
        if row is not None:
            return row
        fill = None if op.fill is None else self.value(op.fill, aligned(op.fill, where, shape))
        position, mask = self._position(op, where)
        if any(other.lanes for other, *_ in position.others):
            return self._gather(op, self.gathers.base(op.source), position, mask, fill)
        access = self._to(op, position, mask)
        if access.address is not None and access.stride == 1 and self.state.part.interior:
            self.ahead.fetch(op, access.address, self.state.level(access.level, op=op))
        return self._fetch(op, access, dtype, fill)

    def take(self, op: ir.Gather, view: View, where: Coordinates) -> Val:
        """Read a kept tile at positions along one axis: 0 where they lie outside."""
        dtype, state = op.tile.dtype, self.state
        index = self.value(op.index, where)
        extent = Val(str(op.x.tile.shape[op.axis]), "i64", 0, state.base)
        mask = self.bounds.of_any(index, op.index.tile.dtype, extent)
        position = Position()
        for axis, (follows, stride) in enumerate(zip(where, view.strides, strict=True)):
            step = Val(str(stride), "i64", 0, state.base)
            if axis == op.axis:
                position.others.append((index, op.index.tile.dtype, step))
            elif op.x.tile.shape[axis] == 1 or follows is None:
                pass
            elif follows == state.loop.vector:
                position.steps.append((1, step))
            else:
                position.origins.append((state.index[follows], step))
        level = state.level(*(counter.level for counter, _ in position.origins))
        counters = [counter for counter, _ in position.origins]
        offset = self.accesses.offset(counters, [step for _, step in position.origins], level)
        start = view.buffer.offset + view.offset * itemsize_of(dtype)
        base = self.accesses.address(
            self.accesses.scratch_address(start, level), offset, dtype, level
        )
        if not index.lanes:
            return self._fetch(op, self._along(base, position, mask, dtype), dtype, None)
        return self._gather(op, base, replace(position, origins=[]), mask, None)

    def _gather(
        self, op: ir.Load | ir.Gather, base: Val, position: Position, mask: Val | None,
        fill: Val | None,
    ) -> Val:  # fmt: skip
        """What lies at a place of its own for each lane."""
        state = self.state
        mask, fill = self._in_all_lanes(mask), self._in_all_lanes(fill)
        along = self._stride(position.steps, state.base)
        offsets = self.gathers.offsets(position, along)
        strides = [along, *(x for _, x in position.origins), *(x for *_, x in position.others)]
        forward = all(stride.text.isdigit() for stride in strides)
        levels = [x.level for x in (base, offsets, mask, fill) if x is not None]
        level = state.level(*levels, op=op)
        return self.gathers.load(base, offsets, op.tile.dtype, mask, fill, forward, level)

    def _fetch(self, op: ir.Op, access: Access, dtype: Dtype, fill: Val | None) -> Val:
        """What lies at one address, at neighbouring ones, or at one for each lane."""
        mask = access.mask
        level = self.state.level(access.level, *([] if fill is None else [fill.level]), op=op)
        varies = access.stride or (mask is not None and mask.lanes)
        if access.address is not None and not varies and (fill is None or not fill.lanes):
            return self.accesses.load_at(access.address, dtype, mask, fill, level)
        lanes = self.state.part.lanes
        if access.address is not None:
            mask = self._in_all_lanes(mask)
        fill = self._in_all_lanes(fill)
        if access.address is not None and access.stride == 1:
            return self.accesses.load_vector(access.address, dtype, lanes, mask, fill, level)
        addresses = self._addresses(access, dtype, level)
        return self.accesses.gather(addresses, dtype, mask, fill, level)

    def store(self, op: ir.Store, where: Coordinates, value: Val) -> None:
        """Write a vector or scalar."""
        dtype = op.value.tile.dtype
        if self.turned.store((op, where), dtype, value, lambda: self._block(op, where)):
            return
        access = self._access(op, where)
        level, mask = self.writer.level, access.mask
        varies = access.stride or value.lanes or (mask is not None and mask.lanes)
        if access.address is not None and not varies:
            self.accesses.store_at(access.address, value, dtype, mask, level)
            return
        if access.address is not None and access.stride == 1:
            value = self.state.spread(value, self.state.part.lanes)
            if mask is None and op in self.state.loop.streams:
                self._stream(access.address, value, dtype)
                return
            mask = self._in_all_lanes(mask)
            if mask is not None and self.state.has_rare_edge and op not in self.state.home:
                self._store_mostly_whole(access.address, value, dtype, mask)
                return
            self.accesses.store_vector(access.address, value, dtype, mask, level)
            return
        addresses = self._addresses(access, dtype, level)
        mask = self._in_all_lanes(mask)
        value = self.state.spread(value, self.state.part.lanes)
        self.accesses.scatter(addresses, value, dtype, mask, level)

    def _store_mostly_whole(self, address: Val, value: Val, dtype: Dtype, mask: Val) -> None:
        """Write a vector that is seldom at an edge: some machines are slow to store by masks."""
        bits = self.writer.put(f"bitcast {mask} to i{mask.lanes}", f"i{mask.lanes}", 0)
        is_whole = self.writer.put(f"icmp eq {bits}, -1", "i1", 0)

        def plain() -> list[Val]:
            self.accesses.store_vector(address, value, dtype, None, self.writer.level)
            return []

        def masked() -> list[Val]:
            self.accesses.store_vector(address, value, dtype, mask, self.writer.level)
            return []

        self.writer.branch(is_whole.text, plain, masked)

    def _stream(self, address: Val, value: Val, dtype: Dtype) -> None:
        """Write a vector past the caches where the part says so."""

        def past() -> list[Val]:
            alignment = self.state.part.alignment
            self.accesses.stream_vector(address, value, alignment, self.writer.level)
            return []

        def plain() -> list[Val]:
            self.accesses.store_vector(address, value, dtype, None, self.writer.level)
            return []

        match self.state.part.streaming:
            case "true":
                past()
            case "false":
                plain()
            case condition:
                self.writer.branch(condition, past, plain)

    def atomic(self, op: ir.Atomic, where: Coordinates, once: Val | None) -> Val:
        """Do an atomic for each lane, or for one element, where `once` holds; what was there."""
        atomics, is_tile = self.state.scalars.atomics, self.state.loop.vector in where
        values = [self.value(x, where) for x in op.values]
        copy = atomics.copies.get(op)
        if copy is None or not is_tile:
            return self._in_array(op, where, once, values)
        for x in op.position:  # what both sides of the branch need; masks had better not cross it
            self.value(x, aligned(x, where, access_shape(op)))

        def in_copy() -> list[Val]:
            self._in_copy(op, where, once, values[0])
            return []

        def in_array() -> list[Val]:
            self._in_array(op, where, once, values)
            return []

        level = self.writer.level
        self.writer.branch(
            copy.is_on.text, lambda: self._within(in_copy), lambda: self._within(in_array)
        )
        return Val("zeroinitializer", element(op.tile.dtype), self.state.part.lanes, level)

    def _in_array(
        self, op: ir.Atomic, where: Coordinates, once: Val | None, values: list[Val]
    ) -> Val:
        """Do an atomic; what was there."""
        state, atomics = self.state, self.state.scalars.atomics
        access = self._access(op, where)
        mask = access.mask if once is None else state.both(access.mask, once)
        address = access.address or access.addresses
        assert address is not None
        if state.loop.vector not in where:
            return atomics.one(op, address, values, mask)
        lanes = state.part.lanes
        return atomics.each(op, address, access.stride, values, self._in_all_lanes(mask), lanes)

    def _within(self, write: Callable[[], list[Val]]) -> list[Val]:
        """Print a side of a branch, and nothing that is its own outside of it."""
        before, self.state.innermost = self.state.innermost, self.writer.level
        results = write()
        self.state.innermost = before
        return results

    def _in_copy(self, op: ir.Atomic, where: Coordinates, once: Val | None, value: Val) -> None:
        """Let a thread's copy take in what the lanes bring."""
        state, dtype = self.state, op.source.array.dtype
        position, mask = self._position(op, where)
        mask = self._in_all_lanes(mask if once is None else state.both(mask, once))
        along = self._stride(position.steps, self.writer.level)
        is_cheap = mask is None or dtype.bits >= 32  # masked accesses to narrow elements are not
        if not position.others and along.text == "1" and is_cheap:
            access = self._to(op, position, mask)
            assert access.address is not None
            self.updates.neighbours(op, access.address, value, mask)
            return
        is_masked = op.mask is not None and (op, where) not in state.unmasked
        places = self.updates.places(op, position, along)
        source = self._read_by(op.values[0], where)
        self.updates.each(op, places, source or value, mask, is_masked or once is not None)

    def _read_by(self, value: ir.Value, where: Coordinates) -> Val | None:
        """The address of what a plain load of neighbours reads: lanes may read it one by one."""
        state = self.state
        match value:
            case ir.Load() if value not in state.loop.reads and value not in state.home:
                access = self._access(value, where)
                is_plain = access.stride == 1 and access.mask is None
                return access.address if is_plain else None
            case _:
                return None

    def start(self, op: ir.Store, where: Coordinates) -> Val | None:
        """The address of element 0 along the vector axis, if the others follow without gaps."""
        array = self.accesses.array(op.source)
        origins, gaps = [], []
        for x, stride in zip(op.position, array.strides, strict=True):
            at = aligned(x, where, access_shape(op))
            step = step_along(x, at, self.state.loop.vector, self.accesses.narrow)
            if step is None or (step and (step, stride.text) != (1, "1")):
                return None
            origins.append(self._origin(x, at))
            gaps += [step] if step else []
        if gaps != [1] or array.valid is not None:
            return None
        level = self.state.level(array.pointer.level, *(origin.level for origin in origins))
        offset = self.accesses.offset(origins, list(array.strides), level)
        return self.accesses.address(array.pointer, offset, op.source.array.dtype, level)

    def _origin(self, x: ir.Value, where: Coordinates) -> Val:
        """A position at element 0 of the vector axis."""
        origin = self.value(x, tuple(None if c == self.state.loop.vector else c for c in where))
        return self.state.widened(origin, x.tile.dtype, self.state.level(origin.level))

    def _in_all_lanes(self, value: Val | None) -> Val | None:
        return None if value is None else self.state.spread(value, self.state.part.lanes)

    def _addresses(self, access: Access, dtype: Dtype, level: Level) -> Val:
        """The address of each lane."""
        if access.addresses is not None:
            return access.addresses
        assert access.address is not None
        return self.accesses.strided(access.address, 0, dtype, self.state.part.lanes, level)

    # --- positions

    def _access(self, op: ir.Load | ir.Store | ir.Atomic, where: Coordinates) -> Access:
        """Where an access goes, and under which mask."""
        return self._to(op, *self._position(op, where))

    def _position(
        self, op: ir.Load | ir.Store | ir.Atomic, where: Coordinates
    ) -> tuple[Position, Val | None]:
        """The position of an access, and its mask."""
        state = self.state
        shape, array = access_shape(op), self.accesses.array(op.source)
        is_guarded = state.part.interior and (op, where) in state.guarded
        mask: Val | None = None
        is_unmasked = state.part.interior and (op, where) in state.unmasked
        if op.mask is not None and not is_guarded and not is_unmasked:
            mask = self.value(op.mask, aligned(op.mask, where, shape))
        if array.valid is not None and not is_guarded:
            mask = state.both(mask, array.valid)
        position = Position()
        axes = zip(op.position, array.extents, array.strides, strict=True)
        for axis, (x, extent, stride) in enumerate(axes):
            at = aligned(x, where, shape)
            step = step_along(x, at, state.loop.vector, self.accesses.narrow)
            if step is None:
                other = self.value(x, at)
                inside = self.bounds.of_any(other, x.tile.dtype, extent)
                mask = state.both(mask, inside)
                position.others.append((other, x.tile.dtype, stride))
                continue
            origin = self._origin(x, at)
            if not is_guarded and axis not in op.inside:
                mask = state.both(mask, self.bounds.of_range(origin, step, extent))
            position.origins.append((origin, stride))
            if step:
                position.steps.append((step, stride))
        return position, mask

    def _block(self, op: ir.Load | ir.Store, where: Coordinates) -> tuple[Val, Val] | None:
        """Where a block begins, and how far its vectors lie apart; None if some is masked."""
        position, mask = self._position(op, where)
        if mask is not None or position.others:
            return None
        base, counter = self._base(op, position), self.state.index[self.state.loop.vector]
        level = self.state.level(base.level, counter.level)
        along = self._stride(position.steps, level)
        offset = self.accesses.offset([counter], [along], level)
        return self.accesses.address(base, offset, op.source.array.dtype, level), along

    def _to(
        self, op: ir.Load | ir.Store | ir.Atomic, position: Position, mask: Val | None
    ) -> Access:
        """Where a position leads."""
        return self._along(self._base(op, position), position, mask, op.source.array.dtype)

    def _base(self, op: ir.Load | ir.Store | ir.Atomic, position: Position) -> Val:
        """The address of the element at the beginning of the vector axis."""
        state, array = self.state, self.accesses.array(op.source)
        origins = [origin for origin, _ in position.origins]
        # A sub-array may be taken by a region inside the loop: it is not there any earlier.
        level = state.level(array.pointer.level, *(origin.level for origin in origins))
        offset = self.accesses.offset(origins, [stride for _, stride in position.origins], level)
        return self.accesses.address(array.pointer, offset, op.source.array.dtype, level)

    def _exact(self, position: Val, dtype: Dtype) -> Val:
        """A position that may be scaled: a vector of narrow signed ones stays narrow."""
        if position.lanes and dtype.is_signed:
            return position
        return self.state.widened(position, dtype, self.state.level(position.level))

    def _along(self, base: Val, position: Position, mask: Val | None, dtype: Dtype) -> Access:
        """Move from the origin to this vector: one address, or one for each lane."""
        state = self.state
        masks = [] if mask is None else [mask.level]
        others = [(self._exact(x, kind), stride) for x, kind, stride in position.others]
        if not position.steps and not others:
            return Access(base, None, 0, mask, state.level(base.level, *masks))
        counter = state.index[state.loop.vector]
        level = state.level(base.level, counter.level, *masks)
        along = self._stride(position.steps, level)
        address = base
        if along.text != "0":
            offset = self.accesses.offset([counter], [along], level)
            address = self.accesses.address(base, offset, dtype, level)
        if not others and along.text in ("0", "1"):
            return Access(address, None, int(along.text), mask, level)
        level = state.level(level, *(other.level for other, _ in others))
        if along.text == "0" and not any(other.lanes for other, _ in others):
            for other, stride in others:
                offset = self.accesses.offset([other], [stride], level)
                address = self.accesses.address(address, offset, dtype, level)
            return Access(address, None, 0, mask, level)
        addresses = self._each_lane(address, along, others, dtype, level)
        return Access(None, addresses, 0, self._in_all_lanes(mask), level)

    def _stride(self, steps: list[tuple[int, Val]], level: Level) -> Val:
        """Elements from lane to lane."""
        total: Val | None = None
        unit = 0
        for step, stride in steps:
            if stride.text == "1":
                unit += step
                continue
            part = stride
            if step != 1:
                outer = self.state.level(stride.level)
                part = self.writer.put(f"mul i64 {stride.text}, {step}", "i64", 0, outer)
            if total is not None:
                part = self.writer.put(f"add i64 {total.text}, {part.text}", "i64", 0, level)
            total = part
        if total is None:
            return Val(str(unit), "i64", 0, level)
        if unit:
            return self.writer.put(f"add i64 {total.text}, {unit}", "i64", 0, level)
        return total

    def _each_lane(
        self, address: Val, along: Val, others: list[tuple[Val, Val]], dtype: Dtype, level: Level
    ) -> Val:
        lanes, memory = self.state.part.lanes, memory_element(dtype)
        is_constant = along.text.lstrip("-").isdigit()
        stride = int(along.text) if is_constant else along
        addresses = self.accesses.strided(address, stride, dtype, lanes, level)
        for other, scale in others:
            offset = self._scaled(self.state.spread(other, lanes), scale, level)
            addresses = self.writer.put(
                f"getelementptr {memory}, {addresses}, {offset}", "ptr", lanes, level
            )
        return addresses

    def _scaled(self, position: Val, stride: Val, level: Level) -> Val:
        """Positions times a stride, in 32 bits where offsets fit."""
        if stride.text == "1":
            return position
        kind = position.element
        factor = stride
        if kind == "i32" and self.accesses.narrow:
            factor = self.writer.put(f"trunc i64 {stride.text} to i32", "i32", 0, level)
        elif kind != "i64":
            position = self.writer.put(
                f"sext {position} to {vector('i64', position.lanes)}", "i64", position.lanes, level
            )
        spread = self.accesses.splat(factor, position.lanes, level)
        return self.writer.put(
            f"mul {position}, {spread.text}", position.element, position.lanes, level
        )
