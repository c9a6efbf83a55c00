"""Sorting networks on vectors of words: what to compare, exchange, and move between lanes.

A merge begins by comparing each element with its mirror image, then halves; so all comparisons put
the larger behind, and what is behind the end of a row, larger than all, never has to move.
"""

from __future__ import annotations

from collections.abc import Sequence

from .sorting import Sorting
from .writer import Val, Writer

Record = list[Val]  # the words of one vector


class Network:
    """Compares and exchanges the records of one sort."""

    def __init__(self, writer: Writer, sorting: Sorting) -> None:
        self.writer = writer
        self.sorting = sorting
        self.lanes = sorting.lanes
        # Without an instruction for the extremes a comparison serves both.
        wide = sorting.bits == 64 and writer.machine.vector_bytes < 64
        self.has_extremes = sorting.as_floats or (sorting.words == 1 and not wide)

    def exchange(self, a: Record, b: Record) -> tuple[Record, Record]:
        """The smaller and the larger, lane by lane."""
        if self.sorting.as_floats:
            return self._exchange_floats(a[0], b[0])
        if self.has_extremes:
            low, high = (
                self.writer.call(name, a[0].element, a[0].lanes, [a[0], b[0]])
                for name in ("smin", "smax")
            )
            return [low], [high]
        after = self._is_after(a, b)
        low_record = [self._select(after, y, x) for x, y in zip(a, b, strict=True)]
        high_record = [self._select(after, x, y) for x, y in zip(a, b, strict=True)]
        return low_record, high_record

    def _exchange_floats(self, a: Val, b: Val) -> tuple[Record, Record]:
        """As `f64`, in the form that instructions for the extremes have."""
        put, lanes = self.writer.put, a.lanes
        x, y = (put(f"bitcast {v} to <{lanes} x double>", "double", lanes) for v in (a, b))
        found = []
        for test in ("olt", "ogt"):
            is_first = put(f"fcmp {test} {x}, {y.text}", "i1", lanes)
            chosen = put(f"select {is_first}, {x}, {y}", "double", lanes)
            found.append(put(f"bitcast {chosen} to {a.type}", a.element, lanes))
        low, high = found
        return [low], [high]

    def reverse(self, a: Record) -> Record:
        """The lanes in reverse order; as they are where lanes are rows of their own."""
        if self.sorting.columns is not None:
            return a
        return self._permuted(a, range(self.lanes - 1, -1, -1))

    def sort_lanes(self, a: Record) -> Record:
        """The lanes of one vector in order."""
        size = 2
        while size <= self.lanes and self.sorting.columns is None:
            a = self._between(a, [n ^ (size - 1) for n in range(self.lanes)])
            a = self.merge_lanes(a, size // 4)
            size *= 2
        return a

    def merge_lanes(self, a: Record, distance: int | None = None) -> Record:
        """A bitonic vector in order: halves that are `distance` apart, then halves of these."""
        distance = self.lanes // 2 if distance is None else distance
        while distance >= 1 and self.sorting.columns is None:
            a = self._between(a, [n ^ distance for n in range(self.lanes)])
            distance //= 2
        return a

    def sort_group(self, group: list[Record]) -> list[Record]:
        """A few vectors in order, as one sequence."""
        group = [self.sort_lanes(a) for a in group]
        size = 2
        while size <= len(group):
            for base in range(0, len(group), size):
                for n in range(size // 2):
                    self._mirror(group, base + n, base + size - 1 - n)
            group = self.merge_group(group, size // 4)
            size *= 2
        return group

    def merge_group(self, group: list[Record], distance: int) -> list[Record]:
        """Bitonic runs of vectors in order: halves that are `distance` vectors apart, and so on."""
        group = list(group)
        while distance >= 1:
            for n in range(len(group)):
                if not n & distance:
                    group[n], group[n + distance] = self.exchange(group[n], group[n + distance])
            distance //= 2
        return [self.merge_lanes(a) for a in group]

    def mirror(self, a: Record, b: Record) -> tuple[Record, Record]:
        """The smaller and the larger of each element and its mirror image."""
        low, high = self.exchange(a, self.reverse(b))
        return low, self.reverse(high)

    def _mirror(self, group: list[Record], n: int, other: int) -> None:
        group[n], group[other] = self.mirror(group[n], group[other])

    def _between(self, a: Record, partners: Sequence[int]) -> Record:
        """Each lane compared with its partner, of which the later one keeps the larger."""
        b = self._permuted(a, partners)
        lanes = self.lanes
        if self.has_extremes:
            low, high = self.exchange(a, b)
            numbers = [n if n < partner else lanes + n for n, partner in enumerate(partners)]
            return [self._shuffle(low[0], high[0], numbers)]
        later = ", ".join(f"i1 {'true' if n > p else 'false'}" for n, p in enumerate(partners))
        after = self._is_after(a, b)
        other = self.writer.put(f"xor {after}, <{later}>", "i1", lanes)
        return [self._select(other, y, x) for x, y in zip(a, b, strict=True)]

    def _is_after(self, a: Record, b: Record) -> Val:
        """Which lanes of `a` belong behind those of `b`: no two words are the same."""
        lanes = a[0].lanes
        after = self.writer.put(f"icmp sgt {a[0]}, {b[0].text}", "i1", lanes)
        if len(a) == 1:
            return after
        same = self.writer.put(f"icmp eq {a[0]}, {b[0].text}", "i1", lanes)
        later = self.writer.put(f"icmp sgt {a[1]}, {b[1].text}", "i1", lanes)
        tie = self.writer.put(f"and {same}, {later.text}", "i1", lanes)
        return self.writer.put(f"or {after}, {tie.text}", "i1", lanes)

    def _select(self, condition: Val, yes: Val, no: Val) -> Val:
        return self.writer.put(f"select {condition}, {yes}, {no}", yes.element, yes.lanes)

    def _permuted(self, a: Record, lanes: Sequence[int]) -> Record:
        return [self._shuffle(x, x, lanes) for x in a]

    def _shuffle(self, a: Val, b: Val, lanes: Sequence[int]) -> Val:
        numbers = ", ".join(f"i32 {n}" for n in lanes)
        return self.writer.put(
            f"shufflevector {a}, {b}, <{len(lanes)} x i32> <{numbers}>", a.element, len(lanes)
        )
