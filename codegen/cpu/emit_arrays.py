"""Loads and stores of arrays in a loop: where they go, how far apart lanes lie, under which mask."""

from __future__ import annotations

from dataclasses import dataclass

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype

from ..analysis.contiguity import Coordinates, step_along
from .emit_bounds import Bounds
from .layout import access_shape, aligned
from .loop_state import LoopState, ValueAt
from .spelling import memory_element, vector
from .writer import Level, Val


@dataclass(frozen=True, slots=True)
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

    def load(self, op: ir.Load, where: Coordinates) -> Val:
        shape = op.tile.shape
        fill = None if op.fill is None else self.value(op.fill, aligned(op.fill, where, shape))
        access = self._access(op, where)
        level = self.state.level(access.level, *([] if fill is None else [fill.level]), op=op)
        dtype = op.tile.dtype
        if access.addresses is not None:
            fill = None if fill is None else self.state.spread(fill, self.state.part.lanes)
            return self.accesses.gather(access.addresses, dtype, access.mask, fill, level)
        assert access.address is not None
        varies = bool(access.stride) or (access.mask is not None and access.mask.lanes > 0)
        if not varies and (fill is None or not fill.lanes):
            return self.accesses.load_at(access.address, dtype, access.mask, fill, level)
        lanes = self.state.part.lanes
        mask = None if access.mask is None else self.state.spread(access.mask, lanes)
        fill = None if fill is None else self.state.spread(fill, lanes)
        if access.stride == 1:
            return self.accesses.load_vector(access.address, dtype, lanes, mask, fill, level)
        addresses = self.accesses.strided(access.address, 0, dtype, lanes, level)
        return self.accesses.gather(addresses, dtype, mask, fill, level)

    def store(self, op: ir.Store, where: Coordinates, value: Val) -> None:
        """Write a vector or scalar to an array."""
        access = self._access(op, where)
        level = self.writer.level
        dtype = op.value.tile.dtype
        if access.addresses is not None:
            value = self.state.spread(value, self.state.part.lanes)
            mask = (
                None
                if access.mask is None
                else self.state.spread(access.mask, self.state.part.lanes)
            )
            self.accesses.scatter(access.addresses, value, dtype, mask, level)
            return
        assert access.address is not None
        if access.stride == 1:
            lanes = self.state.part.lanes
            mask = None if access.mask is None else self.state.spread(access.mask, lanes)
            self.accesses.store_vector(
                access.address, self.state.spread(value, lanes), dtype, mask, level
            )
            return
        if value.lanes or (access.mask is not None and access.mask.lanes):
            lanes = self.state.part.lanes
            addresses = self.accesses.strided(access.address, 0, dtype, lanes, level)
            mask = None if access.mask is None else self.state.spread(access.mask, lanes)
            self.accesses.scatter(addresses, self.state.spread(value, lanes), dtype, mask, level)
            return
        self.accesses.store_at(access.address, value, dtype, access.mask, level)

    def _access(self, op: ir.Load | ir.Store, where: Coordinates) -> Access:
        """Where an access goes, and under which mask."""
        shape = access_shape(op)
        array = self.accesses.array(op.source)
        guarded = self.state.part.interior and (op, where) in self.state.guarded
        narrow, vector_axis = self.accesses.narrow, self.state.loop.vector
        mask: Val | None = None
        if op.mask is not None and not guarded:
            mask = self.value(op.mask, aligned(op.mask, where, shape))
        if array.valid is not None and not guarded:
            mask = self.state.both(mask, array.valid)
        origins: list[Val] = []
        steps: list[int] = []
        general: list[tuple[Val, Val]] = []
        base_strides: list[Val] = []
        moving: list[tuple[int, Val]] = []
        for x, extent, stride in zip(op.position, array.extents, array.strides, strict=True):
            at = aligned(x, where, shape)
            step = step_along(x, at, vector_axis, narrow)
            if step is None:
                position = self.value(x, at)
                general.append((position, stride))
                mask = self.state.both(mask, self.bounds.of_any(position, x.tile.dtype, extent))
                continue
            origin = self.value(x, tuple(None if c == vector_axis else c for c in at))
            level = self.state.level(origin.level)
            wide = self.state.widened(origin, x.tile.dtype, level)
            if not guarded:
                mask = self.state.both(mask, self.bounds.of_range(wide, step, extent))
            origins.append(wide)
            base_strides.append(stride)
            steps.append(step)
            if step:
                moving.append((step, stride))
        level = self.state.level(*(o.level for o in origins))
        dtype = op.source.array.dtype
        base = self.accesses.address(
            array.pointer, self.accesses.offset(origins, base_strides, level), dtype, level
        )
        return self._along(base, moving, general, mask, dtype)

    def _along(
        self,
        base: Val,
        moving: list[tuple[int, Val]],
        general: list[tuple[Val, Val]],
        mask: Val | None,
        dtype: Dtype,
    ) -> Access:
        """Move from the origin to this vector: one address, or one for each lane."""
        lanes = self.state.part.lanes
        counter = self.state.index.get(self.state.loop.vector)
        if not moving and not general:
            level = self.state.level(base.level, *([] if mask is None else [mask.level]))
            return Access(base, None, 0, mask, level)
        assert counter is not None
        level = self.state.level(base.level, counter.level, *([] if mask is None else [mask.level]))
        total: Val | None = None
        unit = 0
        for step, stride in moving:
            if stride.text == "1":
                unit += step
                continue
            part = stride
            if step != 1:
                outer = self.state.level(stride.level)
                part = self.writer.put(f"mul i64 {stride.text}, {step}", "i64", 0, outer)
            total = (
                part
                if total is None
                else self.writer.put(f"add i64 {total.text}, {part.text}", "i64", 0, level)
            )
        if total is not None and unit:
            total = self.writer.put(f"add i64 {total.text}, {unit}", "i64", 0, level)
        along = total if total is not None else Val(str(unit), "i64", 0, level)
        address = base
        if along.text != "0":
            offset = self.accesses.offset([counter], [along], level)
            address = self.accesses.address(base, offset, dtype, level)
        if not general and along.text == "1":
            return Access(address, None, 1, mask, level)
        if not general and along.text == "0":
            return Access(address, None, 0, mask, level)
        if general:
            level = self.state.level(level, *(position.level for position, _ in general))
        if general and all(not position.lanes for position, _ in general) and along.text == "0":
            for position, stride in general:
                offset = self.accesses.offset([position], [stride], level)
                address = self.accesses.address(address, offset, dtype, level)
            return Access(address, None, 0, mask, level)
        stride_text: int | Val = int(along.text) if along.text.lstrip("-").isdigit() else along
        addresses = self.accesses.strided(address, stride_text, dtype, lanes, level)
        for position, stride in general:
            offset = self._scaled(self.state.spread(position, lanes), stride, level)
            memory = memory_element(dtype)
            addresses = self.writer.put(
                f"getelementptr {memory}, {addresses}, {offset}", "ptr", lanes, level
            )
        return Access(
            None, addresses, 0, None if mask is None else self.state.spread(mask, lanes), level
        )

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
