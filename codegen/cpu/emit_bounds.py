"""Which lanes of a position lie inside an array: masks of accesses."""

from __future__ import annotations

from tilewright.dsl.types import Dtype

from .loop_state import LoopState
from .spelling import vector
from .writer import Val


class Bounds:
    """Masks for the positions of one loop."""

    def __init__(self, state: LoopState) -> None:
        self.state = state
        self.writer = state.writer
        self.accesses = state.accesses

    def of_any(self, position: Val, dtype: Dtype, extent: Val) -> Val:
        """Which lanes of any positions lie inside an extent."""
        level = self.state.level(position.level)
        lanes = position.lanes
        if not lanes:
            wide = self.state.widened(position, dtype, level)
            return self.writer.put(f"icmp ult i64 {wide.text}, {extent.text}", "i1", 0, level)
        if position.element in ("i8", "i16") and self.accesses.narrow:
            how, kind = "sext" if dtype.is_signed else "zext", vector("i32", lanes)
            position = self.writer.put(f"{how} {position} to {kind}", "i32", lanes, level)
        if position.element == "i32" and self.accesses.narrow:
            limit = self.writer.put(f"trunc i64 {extent.text} to i32", "i32", 0, level)
            spread = self.accesses.splat(limit, lanes, level)
            return self.writer.put(f"icmp ult {position}, {spread.text}", "i1", lanes, level)
        wide = self.accesses.widened(position, dtype, level)
        spread = self.accesses.splat(extent, lanes, level)
        return self.writer.put(f"icmp ult {wide}, {spread.text}", "i1", lanes, level)

    def of_range(self, origin: Val, step: int, extent: Val) -> Val:
        """Which lanes of a steady position lie inside an extent; a scalar where it is one."""
        level = self.state.level(origin.level)
        put = self.writer.put
        if step == 0:
            return put(f"icmp ult i64 {origin.text}, {extent.text}", "i1", 0, level)
        counter = self.state.index[self.state.loop.vector]
        level = self.state.level(level, counter.level)
        lanes = self.state.part.lanes
        if step != 1:
            moved = put(f"mul i64 {counter.text}, {step}", "i64", 0, level)
            first = put(f"add i64 {origin.text}, {moved.text}", "i64", 0, level)
            numbers = "<" + ", ".join(f"i64 {n * step}" for n in range(lanes)) + ">"
            spread = self.accesses.splat(first, lanes, level)
            positions = put(f"add {spread}, {numbers}", "i64", lanes, level)
            limit = self.accesses.splat(extent, lanes, level)
            return put(f"icmp ult {positions}, {limit.text}", "i1", lanes, level)
        first = put(f"add i64 {origin.text}, {counter.text}", "i64", 0, level)
        above = put(f"sub i64 {extent.text}, {first.text}", "i64", 0, level)
        numbers = "<" + ", ".join(f"i32 {n}" for n in range(lanes)) + ">"
        masks = []
        tests = [(above, "ult")]
        if not origin.text.isdigit():
            tests.append((put(f"sub i64 0, {first.text}", "i64", 0, level), "uge"))
        for bound, test in tests:
            clipped = self.writer.call("smin", "i64", 0, [bound, f"i64 {lanes}"], level)
            clipped = self.writer.call("smax", "i64", 0, [clipped, "i64 0"], level)
            short = put(f"trunc i64 {clipped.text} to i32", "i32", 0, level)
            spread = self.accesses.splat(short, lanes, level)
            masks.append(
                put(f"icmp {test} <{lanes} x i32> {numbers}, {spread.text}", "i1", lanes, level)
            )
        if len(masks) == 1:
            return masks[0]
        return put(f"and {masks[0]}, {masks[1].text}", "i1", lanes, level)
