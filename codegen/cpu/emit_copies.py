"""Prints how threads get copies of arrays.

A copy is dense, the axis that is dense in the array innermost. It has spare elements behind its
end, one for each lane, for lanes that are to bring nothing. Of a small array a copy has several
parts, which lanes take turns at: an update need not wait for the one before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import Tile

from ..analysis.lanewise import ELEMENTWISE
from ..planning.steps import (
    itemsize_of,
)
from .copies import Copied
from .emit_access import Accesses, ArrayText
from .emit_atomics import Atomics, CopyText
from .emit_merge import LINE, Place, dense_strides, emit_merge, identity_in_lanes
from .emit_report import COPY_OFFSET, COUNT_OFFSET, THREADS_OFFSET, services_word
from .emit_scalar import Scalars
from .writer import Val, Writer

# Arrays up to this many bytes have several parts: all of them fit the first cache.
SMALL: Final = 4096
PARTS: Final = 4
# No copy has more elements: 32 bits hold all places. The host lends less memory.
MOST_ELEMENTS: Final = 1 << 28
# No launch makes more updates than this of one program's; it keeps products within 64 bits.
MOST_UPDATES: Final = 1 << 31


class Copies:
    """The copies of one function being printed."""

    def __init__(self, scalars: Scalars, copied: Iterable[Copied]) -> None:
        self.scalars = scalars
        self.writer: Writer = scalars.writer
        self.accesses: Accesses = scalars.accesses
        self.atomics: Atomics = scalars.atomics
        self.copied = tuple(copied)
        self.places: list[Place] = []

    def begin(self) -> None:
        """Decide, merge if that is what is asked for, else let atomics go to this thread's copy."""
        writer = self.writer
        total = Val(str(LINE), "i64", 0, writer.level)  # the first line says what is there
        for copied in self.copied:
            place = self._place(copied, total)
            self.places.append(place)
            total = self._put(f"add i64 {total.text}, {place.size.text}")
        count = services_word(writer, COUNT_OFFSET)
        is_merge = self._put(f"icmp ne i64 {count.text}, 0", "i1")
        writer.branch(is_merge.text, lambda: emit_merge(self.scalars, self.places, count), list)
        copy = self._obtain(total)
        for place in self.places:
            self._use(place, copy)

    def _put(self, text: str, kind: str = "i64") -> Val:
        return self.writer.put(text, kind, 0)

    # --- whether, and where

    def _place(self, copied: Copied, offset: Val) -> Place:
        """Decide about one array, from what is the same for all ranges of a launch."""
        array = self.accesses.array(copied.array)
        itemsize = itemsize_of(copied.dtype)
        elements = Val("1", "i64", 0, self.writer.level)
        for extent in array.extents:
            few = self._clipped(extent, MOST_ELEMENTS)
            elements = self._clipped(self._put(f"mul i64 {elements.text}, {few.text}"))
        is_wanted = self._pays(copied, elements)
        bytes_used = self._put(f"mul i64 {elements.text}, {itemsize}")
        spare = 4 * self.writer.machine.vector_bytes  # no loop has longer vectors
        part = self._put(f"add i64 {bytes_used.text}, {spare + LINE - 1}")
        part = self._put(f"and i64 {part.text}, {-LINE}")
        is_small = self._put(f"icmp ule i64 {bytes_used.text}, {SMALL}", "i1")
        apart = self._put(f"select i1 {is_small.text}, i64 {part.text}, i64 0")
        all_parts = self._put(f"mul i64 {part.text}, {PARTS}")
        size = self._put(f"select i1 {is_small.text}, i64 {all_parts.text}, i64 {part.text}")
        size = self._put(f"select i1 {is_wanted.text}, i64 {size.text}, i64 0")
        return Place(copied, is_wanted, elements, offset, part, apart, size)

    def _clipped(self, x: Val, most: int = MOST_ELEMENTS) -> Val:
        return self.writer.call("smin", "i64", 0, [x, f"i64 {most}"])

    def _pays(self, copied: Copied, elements: Val) -> Val:
        """Whether a launch has so many updates that copies, which are filled and merged, pay.

        Each thread fills a copy, and each element takes in what they have at last, in one atomic.
        """
        programs = self.scalars.grid[0]
        for extent in self.scalars.grid[1:]:
            programs = self._put(f"mul i64 {programs.text}, {extent.text}")
        updates = self._updates_of_a_program(copied)
        updates = self._put(f"mul i64 {updates.text}, {programs.text}")
        threads = services_word(self.writer, THREADS_OFFSET)
        each = self._put(f"add i64 {threads.text}, 1")
        least = self._put(f"mul i64 {elements.text}, {each.text}")
        is_enough = self._put(f"icmp sge i64 {updates.text}, {least.text}", "i1")
        is_any = self._put(f"icmp ne i64 {elements.text}, 0", "i1")
        is_fit = self._put(f"icmp slt i64 {elements.text}, {MOST_ELEMENTS}", "i1")
        both = self._put(f"and i1 {is_enough.text}, {is_any.text}", "i1")
        return self._put(f"and i1 {both.text}, {is_fit.text}", "i1")

    def _updates_of_a_program(self, copied: Copied) -> Val:
        """How many updates the first program makes, as far as that is known before it runs."""
        writer, ids = self.writer, self.scalars.ids
        level = writer.inside(writer.level.label)
        self.scalars.ids = [Val("0", "i64", 0, level)] * 3
        total: Val | None = None
        for op, loops in copied.atomics:
            updates = Val(str(op.tile.size), "i64", 0, level)
            for loop in loops:
                rounds = self._rounds(loop)
                if rounds is not None:
                    product = self._put(f"mul i64 {updates.text}, {rounds.text}")
                    updates = self._clipped(product, MOST_UPDATES)
            total = updates if total is None else self._put(f"add i64 {total.text}, {updates.text}")
        assert total is not None
        self.scalars.ids = ids
        writer.splice(level)
        return self._clipped(Val(total.text, "i64", 0, writer.level), MOST_UPDATES)

    def _rounds(self, loop: ir.For) -> Val | None:
        """How often a loop runs; None where that is not known here, or it counts down."""
        if not all(self._is_known(x) for x in (loop.start, loop.stop, loop.step)):
            return None
        start, stop, step = (self.scalars.as_index(x) for x in (loop.start, loop.stop, loop.step))
        if not step.text.isdigit() or step.text == "0":
            return None
        span = self._put(f"sub i64 {stop.text}, {start.text}")
        span = self.writer.call("smax", "i64", 0, [span, "i64 0"])
        span = self._put(f"add i64 {self._clipped(span, MOST_UPDATES).text}, {int(step.text) - 1}")
        return self._clipped(self._put(f"udiv i64 {span.text}, {step.text}"), MOST_UPDATES)

    def _is_known(self, x: ir.Value) -> bool:
        """Whether a scalar follows from the arguments and the program's number alone."""
        match x:
            case ir.Const() | ir.ProgramId() | ir.NumPrograms() | ir.Extent(ir.Parameter()):
                return True
            case ir.Parameter(type=Tile()):
                return x in self.accesses.function.parameters
            case ir.Op(type=Tile(shape=())) if isinstance(x, ELEMENTWISE) and x.operands:
                return x.effect is ir.Effect.PURE and all(map(self._is_known, x.operands))
            case _:
                return False

    # --- a thread's copy

    def _obtain(self, total: Val) -> Val:
        """This thread's memory, filled the first time; null where it is to do without."""
        writer = self.writer

        def ask() -> list[Val]:
            address = self._put(f"getelementptr i8, ptr %services, i64 {COPY_OFFSET}", "ptr")
            function = self._put(f"load ptr, {address}, align 8", "ptr")
            copy = self._put(f"call ptr {function.text}(ptr %services, {total})", "ptr")
            is_there = self._put(f"icmp ne {copy}, null", "i1")
            writer.branch(is_there.text, lambda: self._fill_once(copy), list)
            return [copy]

        is_wanted = self._put(f"icmp ne i64 {total.text}, {LINE}", "i1")
        nothing = Val("null", "ptr", 0, writer.level)
        results = writer.branch(is_wanted.text, ask, lambda: [nothing])
        assert results is not None
        return results[0]

    def _fill_once(self, copy: Val) -> list[Val]:
        state = self._put(f"load i64, {copy}, align 64")
        is_new = self._put(f"icmp eq i64 {state.text}, 0", "i1")

        def fill() -> list[Val]:
            for place in self.places:
                self._fill(place, copy)
            self.writer.add(f"store i64 1, {copy}, align 64")
            return []

        self.writer.branch(is_new.text, fill, list)
        return []

    def _fill(self, place: Place, copy: Val) -> None:
        first = self._at(copy, place.offset)
        identity = identity_in_lanes(self.writer, place.copied, self._vector_bytes)

        def body(i: Val, _: list[Val]) -> list[Val]:
            for start in range(0, LINE, self._vector_bytes):
                here = self._put(f"getelementptr i8, {self._at(first, i)}, i64 {start}", "ptr")
                self.writer.add(f"store {identity}, {here}, align {self._vector_bytes}")
            return []

        self.writer.loop("0", place.size.text, str(LINE), [], body)

    def _use(self, place: Place, copy: Val) -> None:
        """Let an array be this thread's copy, if it has one."""
        copied = place.copied
        array = self.accesses.array(copied.array)
        is_there = self._put(f"icmp ne {copy}, null", "i1")
        is_on = self._put(f"and i1 {is_there.text}, {place.is_wanted.text}", "i1")
        first = self._at(copy, place.offset)
        pointer = self._put(f"select i1 {is_on.text}, {first}, {array.pointer}", "ptr")
        strides = tuple(
            real if real.text == "1" else self._put(f"select i1 {is_on.text}, {dense}, {real}")
            for real, dense in zip(array.strides, dense_strides(self.writer, array), strict=True)
        )
        self.accesses.arrays[copied.array] = ArrayText(pointer, array.extents, strides, None)
        spare = self._put(f"trunc i64 {place.elements.text} to i32", "i32")
        text = CopyText(copied.array, copied.kind, copied.dtype, is_on, spare, place.apart, PARTS)
        self.atomics.copies.update({op: text for op, _ in copied.atomics})

    @property
    def _vector_bytes(self) -> int:
        return self.writer.machine.vector_bytes

    def _at(self, pointer: Val, offset: Val) -> Val:
        return self._put(f"getelementptr i8, {pointer}, {offset}", "ptr")
