"""What atomics do to elements, and in which turns: one after another, in row-major order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..types import Dtype
from .arithmetic import binary
from .memory import Region
from .values import Data, bits_of, widen

# Where a turn goes: places in the flattened tile, the region, the element numbers there.
Turn = tuple[Data, Region, Data]


def combine(kind: str, old: Data, values: Sequence[Data], dtype: Dtype) -> Data:
    """What takes the place of elements, each of which has a value of its own."""
    value = values[-1]
    match kind:
        case "xchg":
            return value
        case "cas":
            return np.where(bits_of(old) == bits_of(values[0]), value, old)
        case "max" | "min":
            there, new = widen(old, dtype), widen(value, dtype)
            better = new > there if kind == "max" else new < there
            return np.where(better | (new != new), value, old)
        case _:
            return binary(kind, old, value, dtype)


def in_turns(ways: Sequence[tuple[Region, Data, Data]]) -> Iterator[Turn]:
    """Turns that touch no element twice, and each element in row-major order.

    `ways` are regions with the number of an element for each place of a tile, and which places go
    there. Regions may overlap, so several are taken place by place.
    """
    if len(ways) == 1:
        region, numbers, active = ways[0]
        places = np.flatnonzero(active)
        touched = numbers.reshape(-1)[places]
        turn = _turn_of_each(touched)
        for k in range(int(turn.max(initial=-1)) + 1):
            now = turn == k
            yield places[now], region, touched[now]
        return
    owners = {
        int(place): (region, numbers.reshape(-1))
        for region, numbers, active in ways
        for place in np.flatnonzero(active)
    }
    for place in sorted(owners):
        region, flat = owners[place]
        yield np.array([place]), region, flat[place : place + 1]


def _turn_of_each(numbers: Data) -> Data:
    """How often each number has occurred before."""
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    is_first = np.ones(len(ordered), np.bool_)
    is_first[1:] = ordered[1:] != ordered[:-1]
    position = np.arange(len(ordered))
    turn = np.empty(len(ordered), np.int64)
    turn[order] = position - np.maximum.accumulate(np.where(is_first, position, 0))
    return turn
