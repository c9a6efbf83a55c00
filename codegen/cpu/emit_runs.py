"""Prints how words in memory are put in order.

A few vectors at a time are sorted in registers, then runs of them are merged in pairs, in loops
whose bounds are computed: the code is as long for many as for few.
"""

from __future__ import annotations

from collections.abc import Callable

from .emit_access import Accesses
from .networks import Network, Record
from .sorting import Sorting
from .writer import Val, Writer


class Runs:
    """The words of one row, or of a vector of rows; each unit is a vector of them."""

    def __init__(
        self, writer: Writer, accesses: Accesses, sorting: Sorting, bases: list[Val]
    ) -> None:
        self.writer = writer
        self.accesses = accesses
        self.sorting = sorting
        self.bases = bases
        self.network = Network(writer, sorting)
        self.word = f"i{sorting.bits}"

    def sort_groups(self, read: Callable[[Val], Record]) -> None:
        """Sort each group of the units that `read` gives."""
        size = self.sorting.group

        def body(unit: Val, _: list[Val]) -> list[Val]:
            units = [self._plus(unit, n) for n in range(size)]
            group = self.network.sort_group([read(one) for one in units])
            for one, record in zip(units, group, strict=True):
                self.store(one, record)
            return []

        self.writer.loop("0", str(self.sorting.units), str(size), [], body, at_least_once=True)

    def merge(self) -> None:
        """Merge runs in pairs until one is left; all behind the last unit stays where it is."""
        sorting = self.sorting
        rounds = (-(-sorting.units // sorting.group) - 1).bit_length()
        if not rounds:
            return

        def body(_: Val, carried: list[Val]) -> list[Val]:
            (size,) = carried
            half = self.writer.put(f"lshr i64 {size.text}, 1", "i64", 0)
            self._mirrored(size, half)
            if rounds > 1:
                self._halved(self.writer.put(f"lshr i64 {size.text}, 2", "i64", 0))
            self._finished()
            return [self.writer.put(f"shl i64 {size.text}, 1", "i64", 0)]

        first = self._number(2 * sorting.group)
        self.writer.loop("0", str(rounds), "1", [first], body, at_least_once=True)

    def select(self) -> None:
        """Keep the least of each two groups, then of each two that are left, until one is."""
        size, units = self.sorting.group, self.sorting.units

        def rounds(_: Val, carried: list[Val]) -> list[Val]:
            (distance,) = carried
            double = self.writer.put(f"shl i64 {distance.text}, 1", "i64", 0)
            stop = self.writer.put(f"sub i64 {units}, {distance.text}", "i64", 0)

            def pairs(unit: Val, _: list[Val]) -> list[Val]:
                other = self.writer.put(f"add i64 {unit.text}, {distance.text}", "i64", 0)
                ones, others = (
                    [self._plus(first, n) for n in range(size)] for first in (unit, other)
                )
                least = [
                    self.network.mirror(self.load(a), self.load(b))[0]
                    for a, b in zip(ones, reversed(others), strict=True)
                ]
                for one, record in zip(
                    ones, self.network.merge_group(least, size // 2), strict=True
                ):
                    self.store(one, record)
                return []

            self.writer.loop("0", stop.text, double.text, [], pairs, at_least_once=True)
            return [double]

        count = (units // size - 1).bit_length()
        self.writer.loop("0", str(count), "1", [self._number(size)], rounds, at_least_once=True)

    def _mirrored(self, size: Val, half: Val) -> None:
        """Compare each unit of a run with its mirror image in the next."""
        units = self.sorting.units

        def runs(base: Val, _: list[Val]) -> list[Val]:
            end = self.writer.put(f"add i64 {base.text}, {size.text}", "i64", 0)
            over = self.writer.put(f"sub i64 {end.text}, {units}", "i64", 0)
            start = self.writer.call("smax", "i64", 0, [over, "i64 0"])
            last = self._plus(end, -1)

            def pairs(i: Val, _: list[Val]) -> list[Val]:
                a = self.writer.put(f"add i64 {base.text}, {i.text}", "i64", 0)
                b = self.writer.put(f"sub i64 {last.text}, {i.text}", "i64", 0)
                low, high = self.network.mirror(self.load(a), self.load(b))
                self.store(a, low)
                self.store(b, high)
                return []

            self.writer.loop(start.text, half.text, "1", [], pairs)
            return []

        self.writer.loop("0", str(units), size.text, [], runs, at_least_once=True)

    def _halved(self, quarter: Val) -> None:
        """Compare units at shrinking distances, down to that of a group."""
        group = self.sorting.group

        def again(carried: list[Val]) -> str:
            return self.writer.put(f"icmp sge i64 {carried[0].text}, {group}", "i1", 0).text

        def body(carried: list[Val]) -> list[Val]:
            (distance,) = carried
            self._apart(distance)
            return [self.writer.put(f"lshr i64 {distance.text}, 1", "i64", 0)]

        self.writer.loop_while([quarter], again, body)

    def _apart(self, distance: Val) -> None:
        units = self.sorting.units
        double = self.writer.put(f"shl i64 {distance.text}, 1", "i64", 0)

        def runs(base: Val, _: list[Val]) -> list[Val]:
            other = self.writer.put(f"add i64 {base.text}, {distance.text}", "i64", 0)
            left = self.writer.put(f"sub i64 {units}, {other.text}", "i64", 0)
            stop = self.writer.call("smin", "i64", 0, [left, distance])

            def pairs(i: Val, _: list[Val]) -> list[Val]:
                a = self.writer.put(f"add i64 {base.text}, {i.text}", "i64", 0)
                b = self.writer.put(f"add i64 {other.text}, {i.text}", "i64", 0)
                low, high = self.network.exchange(self.load(a), self.load(b))
                self.store(a, low)
                self.store(b, high)
                return []

            self.writer.loop("0", stop.text, "1", [], pairs)
            return []

        self.writer.loop("0", str(units), double.text, [], runs, at_least_once=True)

    def _finished(self) -> None:
        """Bring groups in order that lie right among each other."""
        size = self.sorting.group

        def body(unit: Val, _: list[Val]) -> list[Val]:
            units = [self._plus(unit, n) for n in range(size)]
            group = self.network.merge_group([self.load(one) for one in units], size // 2)
            for one, record in zip(units, group, strict=True):
                self.store(one, record)
            return []

        self.writer.loop("0", str(self.sorting.units), str(size), [], body, at_least_once=True)

    # --- words in memory

    def load(self, unit: Val) -> Record:
        """The words of a unit."""
        return [
            self.writer.put(
                f"load <{self.sorting.lanes} x {self.word}>, {address}, "
                f"align {self.sorting.bits // 8}",
                self.word,
                self.sorting.lanes,
            )
            for address in self._places(unit)
        ]

    def store(self, unit: Val, record: Record) -> None:
        """Write the words of a unit."""
        for x, address in zip(record, self._places(unit), strict=True):
            self.writer.add(f"store {x}, {address}, align {self.sorting.bits // 8}")

    def _places(self, unit: Val) -> list[Val]:
        element = self.element(unit)
        return [
            self.accesses.address(base, element, self.sorting.dtype, self.writer.level)
            for base in self.bases
        ]

    def element(self, unit: Val) -> Val:
        """The first element of a unit."""
        lanes = self.sorting.lanes
        if unit.text.isdigit():
            return self._number(int(unit.text) * lanes)
        return self.writer.put(f"mul i64 {unit.text}, {lanes}", "i64", 0) if lanes != 1 else unit

    # --- numbers

    def _number(self, n: int) -> Val:
        return Val(str(n), "i64", 0, self.writer.level)

    def _plus(self, x: Val, n: int) -> Val:
        return self.writer.put(f"add i64 {x.text}, {n}", "i64", 0) if n else x
