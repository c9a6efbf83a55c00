"""Reads and writes kept tiles in a loop: addresses in the worker's arena."""

from __future__ import annotations

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype

from ..analysis.contiguity import Coordinates
from ..planning.steps import (
    View,
    itemsize_of,
)
from .emit_turned import Turned
from .loop_state import LoopState
from .writer import Level, Val


class Kept:
    """Kept tiles as one loop sees them."""

    def __init__(self, state: LoopState) -> None:
        self.state = state
        self.writer = state.writer
        self.accesses = state.accesses
        self.turned = Turned(state)

    def value(self, value: ir.Value, view: View, where: Coordinates) -> Val:
        """A kept value at coordinates, by way of a block where the loop takes several rows."""
        dtype = value.tile.dtype

        def start() -> tuple[Val, Val]:
            address, stride, level = self._place(view, dtype, where)
            return address, Val(str(stride), "i64", 0, level)

        row = self.turned.load((value, where), dtype, start)
        return self.read(view, dtype, where) if row is None else row

    def read(self, view: View, dtype: Dtype, where: Coordinates) -> Val:
        """The element of a kept tile at coordinates."""
        address, stride, level = self._place(view, dtype, where)
        if stride == 0:
            return self.accesses.load_at(address, dtype, None, None, level)
        lanes = self.state.part.lanes
        if stride == 1:
            return self.accesses.load_vector(address, dtype, lanes, None, None, level)
        return self.accesses.gather(
            self.accesses.strided(address, stride, dtype, lanes, level), dtype, None, None, level
        )

    def write(self, view: View, dtype: Dtype, where: Coordinates, value: Val) -> None:
        """Write the element of a kept tile at coordinates."""
        address, stride, _ = self._place(view, dtype, where)
        level = self.writer.level
        if stride == 0:
            self.accesses.store_at(address, value, dtype, None, level)
            return
        value = self.state.spread(value, self.state.part.lanes)
        if stride == 1:
            self.accesses.store_vector(address, value, dtype, None, level)
            return
        addresses = self.accesses.strided(address, stride, dtype, self.state.part.lanes, level)
        self.accesses.scatter(addresses, value, dtype, None, level)

    def _place(self, view: View, dtype: Dtype, where: Coordinates) -> tuple[Val, int, Level]:
        """The address of a kept element, its stride along the vector axis, and its level."""
        level = self.state.level(*self.state.axis_levels(where))
        itemsize = itemsize_of(dtype)
        stride = 0
        positions, strides = [], []
        for axis, step in zip(where, view.strides, strict=True):
            if axis is None:
                continue
            if axis == self.state.loop.vector:
                stride += step
            positions.append(self.state.index[axis])
            strides.append(Val(str(step), "i64", 0, level))
        if view.panel and where[-1] is not None:
            column = positions.pop()
            strides.pop()
            panel = self.writer.put(f"udiv i64 {column.text}, {view.panel}", "i64", 0, level)
            inner = self.writer.put(f"urem i64 {column.text}, {view.panel}", "i64", 0, level)
            positions += [panel, inner]
            strides += [Val(str(n), "i64", 0, level) for n in (view.panel_stride, 1)]
        if view.memo is not None:
            base = self.accesses.slots[view.memo]
        else:
            base = self.accesses.scratch_address(view.buffer.offset + view.offset * itemsize, level)
        offset = self.accesses.offset(positions, strides, level)
        return self.accesses.address(base, offset, dtype, level), stride, level
