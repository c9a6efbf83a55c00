"""Blocks of several rows that a loop reads or writes across them: transposed in registers.

A block is read as vectors along its columns, one for each lane, and turned into one vector for each
row. First pieces of 16 bytes change places, then neighbours within pieces are interleaved: steps
that machines have single instructions for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tilewright.dsl.types import Dtype, f16

from ..planning.steps import (
    Located,
)
from .loop_state import LoopState
from .spelling import memory_element, vector
from .writer import Level, Val, Writer

PIECE_BYTES: Final = 16

# Where a block begins, and how many elements its vectors lie apart; None where it cannot be read
# as one.
Start = Callable[[], tuple[Val, Val] | None]


class Turned:
    """The turned accesses of one loop; what a block of each holds is known row by row."""

    def __init__(self, state: LoopState) -> None:
        self.state = state
        self.writer = state.writer
        self.accesses = state.accesses

    def load(self, access: Located, dtype: Dtype, start: Start) -> Val | None:
        """The present row of a block; None if it is to be read lane by lane."""
        state = self.state
        if not state.is_turned(access):
            return None
        if access not in state.turned:
            found = start()
            state.turned[access] = [] if found is None else self._read(*found, dtype)
        rows = state.turned[access]
        return rows[state.row] if rows else None

    def store(self, access: Located, dtype: Dtype, value: Val, start: Start) -> bool:
        """Take a row of a block, which is written with the last; False if it is to be scattered."""
        state = self.state
        if not state.is_turned(access):
            return False
        if state.row == 0:
            found = start()
            if found is None:
                return False
            state.starts[access] = found
        elif access not in state.starts:
            return False
        rows = state.turned.setdefault(access, [])
        rows.append(self._as_memory(state.spread(value, state.part.lanes), dtype))
        if len(rows) == state.rows:
            self._write(*state.starts[access], rows, dtype)
        return True

    def _read(self, address: Val, along: Val, dtype: Dtype) -> list[Val]:
        state, kind = self.state, _movable(dtype)
        level = state.level(address.level, along.level)
        columns = [
            self.writer.put(
                f"load {vector(kind, state.rows)}, {place}, align {dtype.itemsize}",
                kind,
                state.rows,
                level,
            )
            for place in self._places(address, along, dtype, state.part.lanes, level)
        ]
        rows = transposed(self.writer, columns, PIECE_BYTES // dtype.itemsize, level)
        return [self._as_value(row, dtype, level) for row in rows]

    def _write(self, address: Val, along: Val, rows: list[Val], dtype: Dtype) -> None:
        level = self.writer.level
        columns = transposed(self.writer, rows, PIECE_BYTES // dtype.itemsize, level)
        places = self._places(address, along, dtype, len(columns), level)
        for column, place in zip(columns, places, strict=True):
            self.writer.add(f"store {column}, {place}, align {dtype.itemsize}", level)

    def _places(
        self, address: Val, along: Val, dtype: Dtype, count: int, level: Level
    ) -> list[Val]:
        places = [address]
        for _ in range(count - 1):
            places.append(self.accesses.address(places[-1], along, dtype, level))
        return places

    def _as_value(self, row: Val, dtype: Dtype, level: Level) -> Val:
        if dtype.is_bool:
            return self.writer.put(f"icmp ne {row}, zeroinitializer", "i1", row.lanes, level)
        return self._cast(row, memory_element(dtype), level)

    def _as_memory(self, row: Val, dtype: Dtype) -> Val:
        if dtype.is_bool:
            text = f"zext {row} to {vector('i8', row.lanes)}"
            return self.writer.put(text, "i8", row.lanes)
        return self._cast(row, _movable(dtype), self.writer.level)

    def _cast(self, row: Val, kind: str, level: Level) -> Val:
        if row.element == kind:
            return row
        text = f"bitcast {row} to {vector(kind, row.lanes)}"
        return self.writer.put(text, kind, row.lanes, level)


def _movable(dtype: Dtype) -> str:
    """Elements as they are moved: machines that compute with halves may have no moves for them."""
    return "i16" if dtype is f16 else memory_element(dtype)


def transposed(writer: Writer, rows: list[Val], piece: int, level: Level) -> list[Val]:
    """Rows to columns; their numbers are powers of two, and a `piece` has so many elements."""
    height, width = len(rows), rows[0].lanes
    shuffles = _Shuffles(writer, level)
    if width > height:
        columns = []
        for start in range(0, width, height):
            cut = [shuffles.pick(row, row, range(start, start + height)) for row in rows]
            columns += transposed(writer, cut, piece, level)
        return columns
    size = max(width, min(piece, height))
    parts = [
        shuffles.square(rows[start : start + size], min(piece, size))
        for start in range(0, height, size)
    ]
    while len(parts) > 1:
        parts = [
            [shuffles.pick(a, b, range(2 * a.lanes)) for a, b in zip(one, other, strict=True)]
            for one, other in zip(parts[::2], parts[1::2], strict=True)
        ]
    return parts[0]


class _Shuffles:
    """Steps of a transposition."""

    def __init__(self, writer: Writer, level: Level) -> None:
        self.writer = writer
        self.level = level

    def pick(self, a: Val, b: Val, lanes: range | list[int]) -> Val:
        """Some lanes of two vectors, one behind the other."""
        if len(lanes) == a.lanes and list(lanes) == list(range(a.lanes)):
            return a
        order = ", ".join(f"i32 {n}" for n in lanes)
        text = f"shufflevector {a}, {b}, <{len(lanes)} x i32> <{order}>"
        return self.writer.put(text, a.element, len(lanes), self.level)

    def square(self, rows: list[Val], piece: int) -> list[Val]:
        """As many rows as they are wide, or as a piece is; pieces are no wider than that."""
        while rows[0].lanes < piece:
            half = len(rows) // 2
            lanes = rows[0].lanes
            whole = [k for n in range(lanes) for k in (n, n + lanes)]
            pairs = zip(rows[:half], rows[half:], strict=True)
            rows = [self.pick(a, b, whole) for a, b in pairs]
        distance = rows[0].lanes // 2
        while distance >= piece:
            rows = self._exchanged(rows, distance)
            distance //= 2
        size = min(piece, len(rows))
        return [
            row
            for start in range(0, len(rows), size)
            for row in self._interleaved(rows[start : start + size], piece)
        ]

    def _exchanged(self, rows: list[Val], distance: int) -> list[Val]:
        """Swap what lies so far right of the diagonal with what lies so far below it."""
        lanes = rows[0].lanes
        low = [n if not n & distance else lanes + n - distance for n in range(lanes)]
        high = [n + distance if not n & distance else lanes + n for n in range(lanes)]
        result = list(rows)
        for n, row in enumerate(rows):
            if not n & distance:
                other = rows[n + distance]
                result[n] = self.pick(row, other, low)
                result[n + distance] = self.pick(row, other, high)
        return result

    def _interleaved(self, rows: list[Val], piece: int) -> list[Val]:
        """Transpose each piece of some rows among them."""
        lanes, half = rows[0].lanes, len(rows) // 2
        low = [
            k
            for start in range(0, lanes, piece)
            for n in range(start, start + piece // 2)
            for k in (n, n + lanes)
        ]
        high = [k + piece // 2 for k in low]
        for _ in range(len(rows).bit_length() - 1):
            pairs = zip(rows[:half], rows[half:], strict=True)
            rows = [self.pick(a, b, lanes) for a, b in pairs for lanes in (low, high)]
        return rows
