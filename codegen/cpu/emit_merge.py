"""Prints how what lies in the copies of all threads is brought to arrays, when programs have run.

What copies have for an element is combined, and brought in one atomic: other launches may be at it,
too. Where the array is dense, one exchange of 16 bytes serves several elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tilewright.dsl.records import record

from ..planning.steps import (
    itemsize_of,
)
from .copies import Copied, identity_of
from .emit_access import ArrayText
from .emit_report import COPIES_OFFSET
from .emit_scalar import Scalars
from .spelling import constant, memory_element, vector
from .writer import Val, Writer

LINE: Final = 64
# What one exchange takes on every machine of ours.
EXCHANGE: Final = 16


@record
class Place:
    """A copy in the memory of a thread: from `offset` on, in bytes; `size` with all its parts.

    `apart` are the bytes from part to part, 0 of a single one, `elements` those of the array.
    """

    copied: Copied
    is_wanted: Val
    elements: Val
    offset: Val
    part: Val
    apart: Val
    size: Val


def emit_merge(scalars: Scalars, places: Sequence[Place], count: Val) -> None:
    """Merge the lines of copies that the entry is called for, and leave it."""
    _Merge(scalars, count).run(places)


def dense_strides(writer: Writer, array: ArrayText) -> list[Val]:
    """The strides of a copy: an axis that has stride 1 in the array has it there too."""
    strides = list(array.strides)
    stride = Val("1", "i64", 0, writer.level)
    for axis in reversed(_axes(array)):
        strides[axis] = stride
        stride = writer.put(f"mul i64 {stride.text}, {array.extents[axis].text}", "i64", 0)
    return strides


def identity_in_lanes(writer: Writer, copied: Copied, vector_bytes: int) -> Val:
    """A vector of what changes nothing when it is combined with."""
    kind = memory_element(copied.dtype)
    text = constant(identity_of(copied.kind, copied.dtype), copied.dtype)
    lanes = vector_bytes // itemsize_of(copied.dtype)
    return Val(f"splat ({kind} {text})", kind, lanes, writer.level)


def _axes(array: ArrayText) -> list[int]:
    """The axes of a copy, outermost first."""
    return sorted(range(len(array.extents)), key=lambda axis: array.strides[axis].text == "1")


class _Merge:
    """A merge being printed."""

    def __init__(self, scalars: Scalars, count: Val) -> None:
        self.writer = scalars.writer
        self.accesses = scalars.accesses
        self.atomics = scalars.atomics
        self.count = count
        copies = self._put(f"getelementptr i8, ptr %services, i64 {COPIES_OFFSET}", "ptr")
        self.copies = self._put(f"load ptr, {copies}, align 8", "ptr")

    def run(self, places: Sequence[Place]) -> None:
        """Merge, array by array."""
        low, high = (self._put(f"mul i64 {name}, {LINE}") for name in ("%first", "%last"))
        for place in places:
            end = self._put(f"add i64 {place.offset.text}, {place.part.text}")
            end = self._put(f"select i1 {place.is_wanted.text}, i64 {end.text}, i64 0")
            start = self.writer.call("smax", "i64", 0, [low, place.offset])
            stop = self.writer.call("smin", "i64", 0, [high, end])
            self._array(place, start, stop)
        self.writer.add("ret i32 0")
        self.writer.level.left = True

    def _array(self, place: Place, start: Val, stop: Val) -> None:
        """Bring what lies between two bytes of all copies, so much at once as one exchange takes.

        What is left over at the array's end, or lies apart there, is brought element by element.
        """
        writer, copied = self.writer, place.copied
        itemsize, lanes = itemsize_of(copied.dtype), EXCHANGE // itemsize_of(copied.dtype)
        array = self.accesses.array(copied.array)
        may_exchange = self._is_dense(array)
        parts = self._put(f"udiv i64 {place.size.text}, {place.part.text}")
        identity = identity_in_lanes(writer, copied, EXCHANGE)
        nothing = self._put(f"bitcast {identity} to i128", "i128")

        def bring(byte: Val, _: list[Val]) -> list[Val]:
            total = self._total(place, parts, byte)
            bits = self._put(f"bitcast {total} to i128", "i128")
            is_some = self._put(f"icmp ne {bits}, {nothing.text}", "i1")
            number = self._put(f"sub i64 {byte.text}, {place.offset.text}")
            number = self._put(f"udiv exact i64 {number.text}, {itemsize}")
            end = self._put(f"add i64 {number.text}, {lanes}")
            is_inside = self._put(f"icmp sle i64 {end.text}, {place.elements.text}", "i1")
            is_whole = self._put(f"and i1 {may_exchange.text}, {is_inside.text}", "i1")

            def at_once() -> list[Val]:
                memory = memory_element(copied.dtype)
                text = f"getelementptr {memory}, {array.pointer}, {number}"
                self._exchange(copied, self._put(text, "ptr"), total)
                return []

            def some() -> list[Val]:
                writer.branch(
                    is_whole.text, at_once, lambda: self._one_by_one(place, number, total)
                )
                return []

            writer.branch(is_some.text, some, list)
            return []

        writer.loop(start.text, stop.text, str(EXCHANGE), [], bring)

    def _is_dense(self, array: ArrayText) -> Val:
        """Whether an array's elements lie as in a copy, and where an exchange may begin."""
        bits = self._put(f"ptrtoint {array.pointer} to i64")
        bits = self._put(f"and i64 {bits.text}, {EXCHANGE - 1}")
        result = self._put(f"icmp eq i64 {bits.text}, 0", "i1")
        for real, wanted in zip(array.strides, dense_strides(self.writer, array), strict=True):
            if real.text != wanted.text:
                same = self._put(f"icmp eq {real}, {wanted.text}", "i1")
                result = self._put(f"and i1 {result.text}, {same.text}", "i1")
        return result

    def _total(self, place: Place, parts: Val, byte: Val) -> Val:
        """What lies at a byte in all parts of all copies, combined."""
        writer, dtype = self.writer, place.copied.dtype
        memory, lanes = memory_element(dtype), EXCHANGE // itemsize_of(dtype)

        def of_copy(k: Val, totals: list[Val]) -> list[Val]:
            copy = self._put(f"getelementptr ptr, {self.copies}, {k}", "ptr")
            here = self._at(self._put(f"load ptr, {copy}, align 8", "ptr"), byte)

            def of_part(n: Val, values: list[Val]) -> list[Val]:
                there = self._at(here, self._put(f"mul i64 {n.text}, {place.part.text}"))
                text = f"load {vector(memory, lanes)}, {there}, align {EXCHANGE}"
                value = writer.put(text, memory, lanes)
                return [self.atomics.combine(place.copied.kind, dtype, values[0], value)]

            return writer.loop("0", parts.text, "1", totals, of_part, at_least_once=True)

        identity = identity_in_lanes(writer, place.copied, EXCHANGE)
        (total,) = writer.loop("0", self.count.text, "1", [identity], of_copy, at_least_once=True)
        return total

    def _one_by_one(self, place: Place, number: Val, total: Val) -> list[Val]:
        """Atomics for the elements from a number on that there is something for."""
        writer, copied = self.writer, place.copied
        dtype, lanes = copied.dtype, total.lanes
        kind, identity = f"i{dtype.bits}", identity_in_lanes(writer, copied, EXCHANGE)
        bits, nothing = (
            writer.put(f"bitcast {x} to {vector(kind, lanes)}", kind, lanes)
            for x in (total, identity)
        )
        differs = writer.put(f"icmp ne {bits}, {nothing.text}", "i1", lanes)
        marks = writer.put(f"zext {differs} to {vector('i8', lanes)}", "i8", lanes)
        values = self.atomics.spilled("total", total)
        flags = self.atomics.spilled("differs", marks)
        end = self._put(f"sub i64 {place.elements.text}, {number.text}")
        end = writer.call("smin", "i64", 0, [end, f"i64 {lanes}"])

        def body(k: Val, _: list[Val]) -> list[Val]:
            flag = self.atomics.element_at(flags, k, "i8")
            is_some = self._put(f"icmp ne {flag}, 0", "i1")

            def bring() -> list[Val]:
                value = self.atomics.element_at(values, k, total.element)
                place_there = self._put(f"add i64 {number.text}, {k.text}")
                self.atomics.bring(copied.atomics[0][0], self._address(place, place_there), value)
                return []

            writer.branch(is_some.text, bring, list)
            return []

        writer.loop("0", end.text, "1", [], body)
        return []

    def _address(self, place: Place, number: Val) -> Val:
        """Where the element of a number lies in the array."""
        array = self.accesses.array(place.copied.array)
        axes = _axes(array)
        rest, total = number, Val("0", "i64", 0, self.writer.level)
        for k in reversed(axes):
            position = rest
            if k != axes[0]:
                position = self._put(f"urem i64 {rest.text}, {array.extents[k].text}")
                rest = self._put(f"udiv i64 {rest.text}, {array.extents[k].text}")
            step = self._put(f"mul i64 {position.text}, {array.strides[k].text}")
            total = self._put(f"add i64 {total.text}, {step.text}")
        return self.accesses.address(
            array.pointer, total, place.copied.array.array.dtype, self.writer.level
        )

    def _exchange(self, copied: Copied, address: Val, value: Val) -> None:
        writer = self.writer
        pair = vector("i64", 2)
        halves = Val("poison", "i64", 2, writer.level)
        for k in range(2):
            half = self._put(f"getelementptr i64, {address}, i64 {k}", "ptr")
            half = self._put(f"load atomic i64, {half} monotonic, align 8")
            halves = writer.put(f"insertelement {halves}, {half}, i64 {k}", "i64", 2)
        first = self._put(f"bitcast {pair} {halves.text} to i128", "i128")

        def is_open(values: list[Val]) -> str:
            return self._put(f"xor {values[1]}, true", "i1").text

        def attempt(values: list[Val]) -> list[Val]:
            old = writer.put(f"bitcast {values[0]} to {value.type}", value.element, value.lanes)
            new = self.atomics.combine(copied.kind, copied.dtype, old, value)
            new = self._put(f"bitcast {new} to i128", "i128")
            text = f"cmpxchg {address}, {values[0]}, {new} monotonic monotonic, align {EXCHANGE}"
            both = f"{{ i128, i1 }} {self._put(text, 'i128').text}"
            found = self._put(f"extractvalue {both}, 0", "i128")
            return [found, self._put(f"extractvalue {both}, 1", "i1")]

        writer.loop_while([first, Val("false", "i1", 0, writer.level)], is_open, attempt)

    # --- texts

    def _put(self, text: str, kind: str = "i64") -> Val:
        return self.writer.put(text, kind, 0)

    def _at(self, pointer: Val, offset: Val) -> Val:
        return self._put(f"getelementptr i8, {pointer}, {offset}", "ptr")
