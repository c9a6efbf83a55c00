"""Prints updates of a thread's copy of an array: what atomics become that nobody else sees."""

from __future__ import annotations

from collections.abc import Iterator

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype, i64

from .emit_atomics import CopyText
from .loop_state import LoopState, Position
from .spelling import memory_element, vector
from .writer import Val


class Updates:
    """The updates of copies in one loop."""

    def __init__(self, state: LoopState) -> None:
        self.state = state
        self.atomics = state.scalars.atomics
        self.writer = state.writer
        self.accesses = state.accesses

    def neighbours(self, op: ir.Atomic, address: Val, value: Val, mask: Val | None) -> None:
        """Combine neighbouring elements of a copy with values, where the mask is on."""
        copy, dtype, lanes = self.atomics.copies[op], op.tile.dtype, self.state.part.lanes
        value = self.atomics.in_memory(self.accesses.splat(value, lanes, self.writer.level), dtype)
        if mask is None:
            self.atomics.combine_at(copy, address, value, lanes)
            return
        level = self.writer.level
        old = self.accesses.load_vector(address, copy.dtype, lanes, mask, None, level)
        new = self.atomics.combine(copy.kind, copy.dtype, old, value)
        self.accesses.store_vector(address, new, copy.dtype, mask, level)

    def places(self, op: ir.Atomic, position: Position, along: Val) -> Val:
        """Where in a copy the elements lie, in 32 bits; `along` is how far lanes lie apart."""
        writer, lanes, level = self.writer, self.state.part.lanes, self.writer.level
        origins = [origin for origin, _ in position.origins]
        first = self.accesses.offset(origins, [stride for _, stride in position.origins], level)
        if along.text != "0":
            counter = self.state.index[self.state.loop.vector]
            moved = self.accesses.offset([counter], [along], level)
            first = writer.put(f"add i64 {first.text}, {moved.text}", "i64", 0)
        pointer = self.accesses.array(op.source).pointer
        whole = self.accesses.array(self.atomics.copies[op].array).pointer
        if pointer is not whole:
            taken = self.accesses.distance(whole, pointer, op.source.array.dtype)
            first = writer.put(f"add i64 {first.text}, {taken.text}", "i64", 0)
        parts = [
            self._of_two("mul", self._in_32_bits(x, dtype), self._in_32_bits(stride, i64))
            for x, dtype, stride in position.others
        ]
        if along.text != "0" or not parts:
            text = "<" + ", ".join(f"i32 {n}" for n in range(lanes)) + ">"
            numbers = Val(text, "i32", lanes, level)
            parts.append(self._of_two("mul", numbers, self._in_32_bits(along, i64)))
        total = parts[0]
        for part in parts[1:]:
            total = self._of_two("add", total, part)
        if first.text != "0":
            total = self._of_two("add", total, self._in_32_bits(first, i64))
        return self.state.spread(total, lanes)

    def _in_32_bits(self, x: Val, dtype: Dtype) -> Val:
        """A place in a copy, or a part of one: 32 bits hold it unless it lies outside."""
        bits = int(x.element[1:])
        if bits == 32:
            return x
        if not x.lanes and x.text.isdigit():
            return Val(x.text, "i32", 0, x.level)
        how = "trunc" if bits > 32 else "sext" if dtype.is_signed else "zext"
        kind = vector("i32", x.lanes)
        return self.writer.put(f"{how} {x} to {kind}", "i32", x.lanes)

    def _of_two(self, operation: str, a: Val, b: Val) -> Val:
        if operation == "mul" and b.text == "1":
            return a
        lanes = max(a.lanes, b.lanes)
        a, b = self.state.spread(a, lanes), self.state.spread(b, lanes)
        return self.writer.put(f"{operation} {a}, {b.text}", "i32", lanes)

    def each(
        self, op: ir.Atomic, places: Val, value: Val, mask: Val | None, is_sparse: bool
    ) -> None:
        """Combine elements of a copy with values, or with what lies at an address, lane after lane.

        Lanes whose mask is off have an element each that stands for none. If it may well be that
        all are off, a branch goes round them.
        """
        copy, writer, lanes = self.atomics.copies[op], self.writer, places.lanes
        if value.element != "ptr":
            value = self.atomics.in_memory(value, op.tile.dtype)
        if mask is None:
            self._lane_by_lane(copy, places, value)
            return
        spare = self.accesses.splat(copy.spare, lanes, writer.level)
        numbers = "<" + ", ".join(f"i32 {n}" for n in range(lanes)) + ">"
        spare = writer.put(f"add {spare}, {numbers}", "i32", lanes)
        places = writer.put(f"select {mask}, {places}, {spare}", "i32", lanes)
        if not is_sparse:
            self._lane_by_lane(copy, places, value)
            return

        def update() -> list[Val]:
            self._lane_by_lane(copy, places, value)
            return []

        bits = writer.put(f"bitcast {mask} to i{lanes}", f"i{lanes}", 0)
        some = writer.put(f"icmp ne {bits}, 0", "i1", 0)
        writer.branch(some.text, update, list)

    def _lane_by_lane(self, copy: CopyText, places: Val, value: Val) -> None:
        writer, lanes, memory = self.writer, places.lanes, memory_element(copy.dtype)
        values = value.text if value.element == "ptr" else None
        if value.lanes:
            values = self.atomics.spilled("value0", value)
        starts = [self.accesses.array(copy.array).pointer]
        for _ in range(1, min(copy.parts, lanes)):
            starts.append(writer.put(f"getelementptr i8, {starts[-1]}, {copy.apart}", "ptr", 0))
        for k, place in enumerate(self._one_by_one(places)):
            start = starts[k % len(starts)]
            address = writer.put(f"getelementptr {memory}, {start}, {place}", "ptr", 0)
            given = value
            if values is not None:
                number = Val(str(k), "i64", 0, writer.level)
                given = self.atomics.element_at(values, number, memory)
            self.atomics.combine_at(copy, address, given, 0)

    def _one_by_one(self, places: Val) -> Iterator[Val]:
        """Each place in 64 bits; two leave the vector at once."""
        writer, lanes = self.writer, places.lanes
        if lanes % 2:
            for k in range(lanes):
                one = writer.put(f"extractelement {places}, i64 {k}", "i32", 0)
                yield writer.put(f"zext {one} to i64", "i64", 0)
            return
        pairs = writer.put(f"bitcast {places} to {vector('i64', lanes // 2)}", "i64", lanes // 2)
        for k in range(lanes // 2):
            pair = writer.put(f"extractelement {pairs}, i64 {k}", "i64", 0)
            yield writer.put(f"and i64 {pair.text}, 4294967295", "i64", 0)
            yield writer.put(f"lshr i64 {pair.text}, 32", "i64", 0)
