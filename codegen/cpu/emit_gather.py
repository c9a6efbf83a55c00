"""Gathers: an element at an offset of its own for each lane, of an array or a kept tile.

Offsets from one place stay numbers, of 32 bits where these suffice, until each lane loads: vectors
of pointers are twice as long, and would be taken apart as well. No lane waits for a branch: those
that are off read the first element, which is there, and forget it.
"""

from __future__ import annotations

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype

from ..planning.steps import (
    itemsize_of,
)
from .emit_access import ArrayText, all_on
from .loop_state import LoopState, Position
from .spelling import element, mangled, memory_element, vector
from .writer import Level, Val


class Gathers:
    """The gathers of one loop."""

    def __init__(self, state: LoopState) -> None:
        self.state = state
        self.writer = state.writer
        self.accesses = state.accesses

    def base(self, source: ir.Value) -> Val:
        """The first element of an array; where it has none, or is not there, the arena's zeros."""
        array = self.accesses.array(source)
        if self._is_native(source.array.dtype):
            return array.pointer
        known = ("first element", array.pointer.text)
        found = self.writer.known(known)
        if found is not None:
            return found
        condition: Val | None = None
        for one in (array.valid, *(self._is_some(extent) for extent in array.extents)):
            level = self._level(array, condition, one)
            condition = self.accesses.both(condition, one, level)
        first, level = array.pointer, self._level(array, condition)
        if condition is not None:
            text = f"select {condition}, {first}, {self.accesses.zeros}"
            first = self.writer.put(text, "ptr", 0, level)
        level.known[known] = first
        return first

    def offsets(self, position: Position, along: Val) -> Val:
        """How far each lane lies from the first element; nonsense where it lies outside.

        `along` is how far lanes lie apart besides.
        """
        state, accesses = self.state, self.accesses
        lanes, counter = state.part.lanes, state.index[state.loop.vector]
        is_short = accesses.narrow and all(x.element != "i64" for x, *_ in position.others)
        kind = "i32" if is_short else "i64"
        origins = [x.level for x, _ in position.origins]
        level = state.level(along.level, *origins, *(x.level for x, *_ in position.others))
        positions = [origin for origin, _ in position.origins]
        strides = [stride for _, stride in position.origins]
        total: Val | None = None
        for other, dtype, stride in position.others:
            part = self._scaled(state.spread(other, lanes), dtype, stride, kind, level)
            total = part if total is None else self._sum(total, part, level)
        assert total is not None
        if along.text != "0":
            level = state.level(level, counter.level)
            positions, strides = [*positions, counter], [*strides, along]
            numbers = Val(
                "<" + ", ".join(f"{kind} {n}" for n in range(lanes)) + ">",
                kind, lanes, level,
            )  # fmt: skip
            total = self._sum(total, self._times(numbers, along, level), level)
        start = accesses.offset(positions, strides, state.level(*(x.level for x in positions)))
        if start.text != "0":
            total = self._sum(total, state.spread(self._as(kind, start), lanes), level)
        return total

    def load(
        self, base: Val, offsets: Val, dtype: Dtype, mask: Val | None, fill: Val | None,
        forward: bool, level: Level,
    ) -> Val:  # fmt: skip
        """What the lanes read; 0, or the fill, where the mask is off.

        With `forward` no offset is negative.
        """
        if self._is_native(dtype):
            return self._at_once(base, offsets, dtype, mask, fill, level)
        put, lanes = self.writer.put, offsets.lanes
        if mask is not None:
            text = f"select {mask}, {offsets}, {offsets.type} zeroinitializer"
            offsets = put(text, offsets.element, lanes, level)
        value = self._one_by_one(base, offsets, dtype, forward, level)
        if mask is not None and fill is None and value.element in ("i8", "i16"):
            # A choice of 0 would be mixed with taking the elements in, which LLVM then does twice.
            kept = put(f"sext {mask} to {value.type}", value.element, lanes, level)
            value, mask = put(f"and {value}, {kept.text}", value.element, lanes, level), None
        kind = element(dtype)
        if dtype.is_bool:
            value = put(f"icmp ne {value}, zeroinitializer", kind, lanes, level)
        elif value.element != kind:
            value = put(f"bitcast {value} to {vector(kind, lanes)}", kind, lanes, level)
        if mask is None:
            return value
        other = "zeroinitializer" if fill is None else fill.text
        return put(f"select {mask}, {value}, {value.type} {other}", kind, lanes, level)

    def _is_native(self, dtype: Dtype) -> bool:
        """Whether the machine has instructions for it that are worth while."""
        return self.writer.machine.vector_bytes == 64 and itemsize_of(dtype) >= 4

    def _at_once(
        self, base: Val, offsets: Val, dtype: Dtype, mask: Val | None, fill: Val | None,
        level: Level,
    ) -> Val:  # fmt: skip
        lanes, memory = offsets.lanes, memory_element(dtype)
        text = f"getelementptr {memory}, {base}, {offsets}"
        places = self.writer.put(text, "ptr", lanes, level)
        other = "zeroinitializer" if fill is None else fill.text
        return self.writer.call(
            "masked.gather",
            memory,
            lanes,
            [
                places,
                f"i32 {itemsize_of(dtype)}",
                mask or all_on(lanes, level),
                Val(other, memory, lanes, level),
            ],
            level,
            overloads=f"{mangled(memory, lanes)}.v{lanes}p0",
        )

    def _one_by_one(
        self, base: Val, offsets: Val, dtype: Dtype, forward: bool, level: Level
    ) -> Val:
        put, lanes, size = self.writer.put, offsets.lanes, itemsize_of(dtype)
        memory = memory_element(dtype) if size > 2 else f"i{8 * size}"
        value = Val("poison", memory, lanes, level)
        for n in range(lanes):
            offset = put(f"extractelement {offsets}, i64 {n}", offsets.element, 0, level)
            if forward and offset.element == "i32":  # unsigned, taking it out has extended it
                offset = put(f"zext {offset} to i64", "i64", 0, level)
            place = put(f"getelementptr {memory}, {base}, {offset}", "ptr", 0, level)
            one = put(f"load {memory}, {place}, align {size}", memory, 0, level)
            value = put(f"insertelement {value}, {one}, i64 {n}", memory, lanes, level)
        return value

    def _is_some(self, extent: Val) -> Val | None:
        """Whether an extent is not 0; None if it surely is not."""
        if extent.text.isdigit() and extent.text != "0":
            return None
        return self.writer.put(f"icmp ne {extent}, 0", "i1", 0, extent.level)

    def _level(self, array: ArrayText, *conditions: Val | None) -> Level:
        levels = [one.level for one in conditions if one is not None]
        return self.writer.deepest(array.pointer.level, *levels)

    def _as(self, kind: str, value: Val) -> Val:
        """A scalar of 64 bits as wide as offsets are."""
        if kind == "i64":
            return value
        if value.text.lstrip("-").isdigit():
            return Val(value.text, "i32", 0, value.level)
        return self.writer.put(f"trunc {value} to i32", "i32", 0, value.level)

    def _scaled(self, position: Val, dtype: Dtype, stride: Val, kind: str, level: Level) -> Val:
        """Positions, as wide as offsets are, times a stride."""
        lanes = position.lanes
        if position.element != kind:
            how = "sext" if dtype.is_signed else "zext"
            text = f"{how} {position} to {vector(kind, lanes)}"
            position = self.writer.put(text, kind, lanes, level)
        return self._times(position, stride, level)

    def _times(self, value: Val, stride: Val, level: Level) -> Val:
        if stride.text == "1":
            return value
        factor = self.state.spread(self._as(value.element, stride), value.lanes)
        return self.writer.put(f"mul {value}, {factor.text}", value.element, value.lanes, level)

    def _sum(self, a: Val, b: Val, level: Level) -> Val:
        level = self.writer.deepest(level, a.level, b.level)
        return self.writer.put(f"add {a}, {b.text}", a.element, a.lanes, level)
