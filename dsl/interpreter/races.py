"""Finds programs of one launch that disturb each other.

Two programs race if they write different values to one element, or if one reads what another
writes. Atomics do not race with each other, but with the reads and writes of other programs. What a
program did is in order for one that has acquired, by an atomic, what the first one released. (What
the first one does after that is not looked at.) Elements are told apart by address, so overlapping
arguments are seen through. Programs run one after another here: that no order can change the
outcome follows from what was touched.
"""

from __future__ import annotations

from math import gcd
from typing import Final

import numpy as np

from ..records import field, record
from .faults import RACE, Fault, Program
from .memory import Region
from .values import Data, bits_of

_NOBODY: Final = 0  # programs are kept as their number + 1, so that fresh memory means nobody


class Races:
    """Who touched what in a launch of `grid`."""

    def __init__(self, grid: Program, regions: list[Region]) -> None:
        self._grid = grid
        self._shadows = _cover(regions)
        self._running = _NOBODY
        self._earlier: set[int] = set()  # the programs whose deeds the running one has acquired

    def read(self, region: Region, numbers: Data, program: Program, place: int) -> None:
        """Note that a program reads these elements; raises `Fault` if another has written one."""
        touch = _Touch(region.name, self._number(program), program, place)
        shadow = self._shadows[region.number]
        units, _ = shadow.units(region, numbers)
        self._refuse(shadow.writers, units, touch, "reads what {} writes")
        self._refuse(shadow.atomics, units, touch, "reads what {} changes by an atomic")
        shadow.readers.note(units, touch)

    def write(
        self, region: Region, numbers: Data, values: Data, program: Program, place: int
    ) -> None:
        """Note that a program is about to write these values, of which the last one stays.

        Raises `Fault` if another program has read one of the elements, or written another value.
        """
        touch = _Touch(region.name, self._number(program), program, place)
        shadow = self._shadows[region.number]
        numbers, values, mixed = _keep_last(numbers, bits_of(values))
        units, count = shadow.units(region, numbers)
        self._refuse(shadow.readers, units, touch, "writes what {} reads")
        self._refuse(shadow.atomics, units, touch, "writes what {} changes by an atomic")
        changes = np.repeat(bits_of(region.elements[numbers]) != values, count)
        mixed = np.repeat(mixed, count)
        doubtful = units[changes | mixed | shadow.varied[units]]
        self._refuse(shadow.writers, doubtful, touch, "writes another value where {} writes")
        mine = shadow.writers.first[units] == touch.number
        shadow.varied[units] |= (mine & changes) | mixed
        shadow.writers.note(units, touch)

    def update(
        self, region: Region, numbers: Data, program: Program, place: int, order: str
    ) -> None:
        """Note that a program is about to do an atomic of a memory order on these elements.

        Raises `Fault` if another program has read or written one of them.
        """
        touch = _Touch(region.name, self._number(program), program, place)
        shadow = self._shadows[region.number]
        units, _ = shadow.units(region, numbers)
        known = self._known_to(touch.number)
        if order in ("acquire", "acq_rel"):
            for unit in units.tolist():
                known |= shadow.released.get(unit, frozenset())
        self._refuse(shadow.readers, units, touch, "changes by an atomic what {} reads")
        self._refuse(shadow.writers, units, touch, "changes by an atomic what {} writes")
        shadow.atomics.note(units, touch)
        if order in ("release", "acq_rel"):
            for unit in units.tolist():
                before = shadow.released.get(unit, frozenset())
                shadow.released[unit] = before | known | {touch.number}

    def _known_to(self, number: int) -> set[int]:
        """The programs whose deeds the running one has acquired; programs run one by one."""
        if number != self._running:
            self._running, self._earlier = number, set()
        return self._earlier

    def _refuse(self, others: _Pair, units: Data, touch: _Touch, what: str) -> None:
        """Raise `Fault` if anyone else is noted for one of the units."""
        pairs = ((others.first, others.first_place), (others.second, others.second_place))
        known = self._known_to(touch.number)
        for who, where in pairs:
            found = who[units]
            is_foreign = (found != _NOBODY) & (found != touch.number)
            if known:
                is_foreign &= ~np.isin(found, list(known))
            foreign = np.flatnonzero(is_foreign)
            if not foreign.size:
                continue
            other = self._program(int(found[foreign[0]]))
            other_place = int(where[units[foreign[0]]])
            deed = what.format(f"program {_spell(other, self._grid)}")
            me = _spell(touch.program, self._grid)
            message = f"race on {touch.name!r}: program {me} {deed}"
            raise Fault(RACE, touch.place, touch.program, message, (), other, other_place)

    def _number(self, program: Program) -> int:
        x, y, z = program
        return (z * self._grid[1] + y) * self._grid[0] + x + 1

    def _program(self, number: int) -> Program:
        rest, x = divmod(number - 1, self._grid[0])
        z, y = divmod(rest, self._grid[1])
        return (x, y, z)


@record(eq=False)
class _Touch:
    """One access: to which argument, by which program, by which op."""

    name: str
    number: int
    program: Program
    place: int


class _Pair:
    """For each unit of memory up to two programs and the places where they touched it.

    Two are enough: whoever comes next, one of them is not it. Untouched pages cost nothing.
    """

    def __init__(self, count: int) -> None:
        self.first: Data = np.zeros(count, np.uint32)
        self.second: Data = np.zeros(count, np.uint32)
        self.first_place: Data = np.zeros(count, np.int32)
        self.second_place: Data = np.zeros(count, np.int32)

    def note(self, units: Data, touch: _Touch) -> None:
        """Remember a program for the units where there is room."""
        me, place = touch.number, touch.place
        first, second = self.first[units], self.second[units]
        here = units[(first == _NOBODY) | (first == me)]
        self.first[here], self.first_place[here] = me, place
        there = units[(first != _NOBODY) & (first != me) & (second == _NOBODY)]
        self.second[there], self.second_place[there] = me, place


@record(eq=False)
class _Shadow:
    """The notes about a stretch of memory, in units of `granule` bytes from `low`.

    `varied` marks units to which one program alone has written several values; `released` are the
    programs whose deeds are in order for whoever acquires a unit.
    """

    low: int
    granule: int
    writers: _Pair
    readers: _Pair
    atomics: _Pair
    varied: Data
    released: dict[int, frozenset[int]] = field(default_factory=dict)

    def units(self, region: Region, numbers: Data) -> tuple[Data, int]:
        """The units of elements, and how many each element has."""
        size = region.elements.dtype.itemsize
        count = size // self.granule
        first = (region.address - self.low + numbers.reshape(-1) * size) // self.granule
        return (first[:, None] + np.arange(count)).reshape(-1), count


def _cover(regions: list[Region]) -> dict[int, _Shadow]:
    """One shadow for each stretch of memory that regions share, by region number."""
    shadows: dict[int, _Shadow] = {}
    together: list[Region] = []
    end = 0
    for region in sorted(regions, key=lambda region: region.address):
        if together and region.address >= end:
            shadows |= _shade(together, end)
            together = []
        end = max(end if together else 0, region.address + region.elements.nbytes)
        together.append(region)
    return shadows | _shade(together, end) if together else shadows


def _shade(regions: list[Region], end: int) -> dict[int, _Shadow]:
    low = regions[0].address
    granule = gcd(
        *(region.elements.dtype.itemsize for region in regions),
        *(region.address - low for region in regions),
    )
    count = (end - low) // granule
    pairs = (_Pair(count), _Pair(count), _Pair(count))
    shadow = _Shadow(low, granule, *pairs, np.zeros(count, np.bool_))
    return {region.number: shadow for region in regions}


def _keep_last(numbers: Data, values: Data) -> tuple[Data, Data, Data]:
    """Each element once, with its last value, and whether it was given several."""
    backwards, values = numbers.reshape(-1)[::-1], values.reshape(-1)[::-1]
    unique, chosen, group = np.unique(backwards, return_index=True, return_inverse=True)
    last = values[chosen]
    mixed = np.zeros(unique.shape, np.bool_)
    mixed[group[values != last[group]]] = True
    return unique, last, mixed


def _spell(program: Program, grid: Program) -> str:
    """A program as the user counts it: a number in a grid of one axis, else a tuple."""
    if grid[2] > 1:
        return str(program)
    return str(program[:2]) if grid[1] > 1 else str(program[0])
