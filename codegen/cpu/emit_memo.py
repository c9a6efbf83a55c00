"""Prints memos: what one program left in a slot, the next one that wants the same takes from there.

A header holds words: how often this program came to the step, how many slots are filled, and then
for each slot the values of its keys.
"""

from __future__ import annotations

from collections.abc import Callable

from ..abi import WORD
from ..planning.steps import (
    Memo,
    Step,
)
from .emit_report import FRESH_OFFSET, services_word
from .emit_scalar import Scalars
from .steps import (
    Memoize,
)
from .writer import Val


class Memos:
    """The memos of one function being printed."""

    def __init__(self, scalars: Scalars, memos: tuple[Memo, ...]) -> None:
        self.scalars = scalars
        self.writer = scalars.writer
        self.accesses = scalars.accesses
        self.memos = memos
        if memos:
            self._forget()

    def begin_program(self) -> None:
        """Begin with the first slots."""
        for memo in self.memos:
            self.writer.add(f"store i64 0, {self._word(memo, 0)}, align 8")

    def emit(self, step: Memoize, write: Callable[[tuple[Step, ...]], list[Val] | None]) -> None:
        """Print the step; from now on the present slot is known."""
        writer, memo = self.writer, step.memo
        comings, filled = self._word(memo, 0), self._word(memo, 1)
        count = self._load(comings)
        next_count = writer.put(f"add i64 {count.text}, 1", "i64", 0)
        writer.add(f"store {next_count}, {comings}, align 8")
        slot = writer.call("umin", "i64", 0, [count, f"i64 {memo.slots - 1}"])
        self._choose(memo, slot)
        keys = [self.scalars.as_index(key) for key in step.keys]
        entry = writer.put(f"mul i64 {slot.text}, {len(keys) * WORD}", "i64", 0)
        start = self._word(memo, 2)
        start = writer.put(f"getelementptr i8, {start}, i64 {entry.text}", "ptr", 0)
        places = [
            writer.put(f"getelementptr i8, {start}, i64 {n * WORD}", "ptr", 0)
            for n in range(len(keys))
        ]
        is_there = writer.put(f"icmp ult i64 {slot.text}, {self._load(filled).text}", "i1", 0)
        for key, place in zip(keys, places, strict=True):
            same = writer.put(f"icmp eq {key}, {self._load(place).text}", "i1", 0)
            is_there = writer.put(f"and i1 {is_there.text}, {same.text}", "i1", 0)

        def fill() -> list[Val]:
            write(step.body)
            for key, place in zip(keys, places, strict=True):
                writer.add(f"store {key}, {place}, align 8")
            behind = writer.put(f"add i64 {slot.text}, 1", "i64", 0)
            more = writer.call("umax", "i64", 0, [self._load(filled), behind])
            writer.add(f"store {more}, {filled}, align 8")
            return []

        writer.branch(is_there.text, list, fill)

    def _forget(self) -> None:
        """Where the arena may have been used otherwise, no slot is filled."""
        fresh = services_word(self.writer, FRESH_OFFSET)
        is_fresh = self.writer.put(f"icmp ne i64 {fresh.text}, 0", "i1", 0)

        def forget() -> list[Val]:
            for memo in self.memos:
                self.writer.add(f"store i64 0, {self._word(memo, 1)}, align 8")
            return []

        self.writer.branch(is_fresh.text, forget, list)

    def _choose(self, memo: Memo, slot: Val) -> None:
        offset = self.writer.put(f"mul i64 {slot.text}, {memo.slot_bytes}", "i64", 0)
        first = self.accesses.scratch_address(memo.first)
        address = self.writer.put(f"getelementptr i8, {first}, i64 {offset.text}", "ptr", 0)
        self.accesses.slots[memo] = address

    def _word(self, memo: Memo, number: int) -> Val:
        address: Val = self.accesses.scratch_address(memo.header.offset + number * WORD)
        return address

    def _load(self, place: Val) -> Val:
        return self.writer.put(f"load i64, {place}, align 8", "i64", 0)
