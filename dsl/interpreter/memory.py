"""The memory of a launch: arrays as windows into allocations, and pointers into them.

A position is turned into an element's number within its region, so overlapping arguments, strided
arrays and pointers all end in one indexed read or write of the caller's own memory.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..records import record, replace
from .values import POINTER_STORAGE, Data


@record(eq=False)
class Region:
    """The allocation an argument lies in, as elements of the argument's storage.

    `elements[k]` is at byte address `address + k * itemsize`; `owner` keeps the memory alive.
    """

    number: int
    name: str
    elements: Data
    address: int
    owner: object


@record(eq=False)
class Outside:
    """A scalar position that lay outside, so that every element of a sub-array does."""

    axis: int
    position: int
    extent: int


@record(eq=False)
class Window:
    """An array argument or a sub-array of one; `offset` and `strides` are in elements.

    `whole` is the shape of the argument, whose first axes a sub-array lacks.
    """

    region: Region
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    whole: tuple[int, ...]
    outside: Outside | None = None

    def fix(self, position: tuple[int, ...]) -> Window:
        """The sub-array at scalar positions of the first axes."""
        count = len(position)
        outside = self.outside
        first = len(self.whole) - len(self.shape)
        for axis, (p, extent) in enumerate(zip(position, self.shape, strict=False), first):
            if outside is None and not 0 <= p < extent:
                outside = Outside(axis, p, extent)
        moved = self.offset + sum(p * s for p, s in zip(position, self.strides, strict=False))
        shape, strides = self.shape[count:], self.strides[count:]
        return replace(self, offset=moved, shape=shape, strides=strides, outside=outside)

    def view(self) -> Data:
        """The window as a NumPy array of the storage, on the caller's own memory."""
        elements = self.region.elements
        shape = self.shape if self.outside is None else tuple(0 for _ in self.shape)
        strides = tuple(stride * elements.dtype.itemsize for stride in self.strides)
        start = self.offset if self.outside is None else 0
        return np.lib.stride_tricks.as_strided(elements[start:], shape, strides)

    def pointer(self) -> Data:
        """The address of the first element."""
        return make_pointer(self.region.number, self.offset)


def open_array(number: int, name: str, array: Data, storage: np.dtype[Any]) -> Window:
    """The window of an argument whose elements have the size of `storage`.

    The region is the allocation that NumPy knows the array to lie in: the outermost array it is a
    view of.
    """
    assert array.dtype.itemsize == storage.itemsize, f"{name} has dtype {array.dtype}"
    size = storage.itemsize
    assert all(stride % size == 0 for stride in array.strides), f"{name}: {array.strides}"
    owner: Data = array
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    first = _address(array)
    low, high = _bytes_of(owner)
    before = (first - low) // size
    count = 0 if high <= low else before + (high - first) // size
    address = first - before * size
    elements = np.asarray(_Memory(address, count, storage, array.flags.writeable))
    region = Region(number, name, elements, address, array)
    strides = tuple(stride // size for stride in array.strides)
    return Window(region, before, array.shape, strides, array.shape)


def make_pointer(region: int, offset: int) -> Data:
    """One pointer; offsets wrap as 64-bit integers."""
    wrapped = (offset + (1 << 63)) % (1 << 64) - (1 << 63)
    return np.array((region, wrapped), POINTER_STORAGE)


def move_pointers(pointers: Data, count: Data) -> Data:
    """Pointers moved by a number of elements each."""
    moved: Data = np.empty(pointers.shape, POINTER_STORAGE)
    moved["region"] = pointers["region"]
    moved["offset"] = pointers["offset"] + count.astype(np.int64)
    return moved


@record(eq=False)
class Stray:
    """A position of an access that lies outside, on an axis of the argument where that matters."""

    axis: int
    position: int
    extent: int
    is_scalar: bool


@record(eq=False)
class Places:
    """Where an access goes: element numbers in the region, and which of them are inside.

    `inside` is None where all are.
    """

    numbers: Data
    inside: Data | None


def locate(window: Window, position: tuple[Data, ...], shape: tuple[int, ...]) -> Places:
    """The elements that positions mean; they broadcast to `shape`."""
    numbers: Any = np.int64(window.offset) if window.outside is None else np.int64(0)
    inside: Any = None
    if window.outside is not None or 0 in window.shape:
        return Places(np.broadcast_to(numbers, shape), np.broadcast_to(np.False_, shape))
    for p, extent, stride in zip(position, window.shape, window.strides, strict=True):
        wide = p.astype(np.int64)
        numbers = numbers + wide * np.int64(stride)
        fits = (wide >= 0) & (wide < extent)
        if not fits.all():
            inside = fits if inside is None else inside & fits
    if inside is not None:
        inside = np.broadcast_to(inside, shape)
    return Places(np.broadcast_to(numbers, shape), inside)


def find_stray(
    window: Window,
    position: tuple[Data, ...],
    shape: tuple[int, ...],
    accessed: Data,
    block_axes: tuple[int, ...],
    strict: bool,
) -> Stray | None:
    """The first position outside that debug mode reports, among the elements accessed.

    A scalar outside is always one; of a tile a negative element, or any if `strict`; of a slice
    none, or any if `strict`.
    """
    if not accessed.any():
        return None
    if (gone := window.outside) is not None:
        return Stray(gone.axis, gone.position, gone.extent, True)
    first = len(window.whole) - len(window.shape)
    for axis, (p, extent) in enumerate(zip(position, window.shape, strict=True)):
        is_slice = axis in block_axes
        if is_slice and not strict:
            continue
        is_scalar = p.ndim == 0 and not is_slice
        wide = p.astype(np.int64)
        bad = (wide < 0) | (wide >= extent) if is_scalar or strict else wide < 0
        bad = np.broadcast_to(bad, shape) & accessed
        if bad.any():
            index = int(np.broadcast_to(p, shape)[bad][0])
            return Stray(first + axis, index, extent, is_scalar)
    return None


def gather(region: Region, places: Places, wanted: Data | None, fill: Data) -> Data:
    """The elements at places where they are inside and wanted, else `fill`."""
    active = both(places.inside, wanted)
    if active is None:
        everything: Data = region.elements[places.numbers]
        return everything
    if not places.numbers.ndim:
        return region.elements[places.numbers] if active else fill
    data = np.empty(places.numbers.shape, region.elements.dtype)
    data[...] = fill
    data[active] = region.elements[places.numbers[active]]
    return data


def scatter(region: Region, places: Places, wanted: Data | None, value: Data) -> None:
    """Write where places are inside and wanted; of several on one element the last one stays."""
    active = both(places.inside, wanted)
    numbers, values = select(places.numbers, active), select(value, active)
    region.elements[numbers] = values


def select(data: Data, active: Data | None) -> Data:
    """The active elements in row-major order, as one axis."""
    return data.reshape(-1) if active is None else np.asarray(data)[active]


def both(a: Data | None, b: Data | None) -> Data | None:
    """The conjunction of two masks, where None is all true."""
    if a is None or b is None:
        return b if a is None else a
    return a & b


class _Memory:
    """Bytes at an address, offered to NumPy by its array interface."""

    def __init__(self, address: int, count: int, storage: np.dtype[Any], writeable: bool) -> None:
        self.__array_interface__ = {
            "version": 3,
            "shape": (count,),
            "typestr": storage.str,
            "data": (address, not writeable),
        }


def _address(array: Data) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _bytes_of(array: Data) -> tuple[int, int]:
    """The addresses of an array's first byte and of the one after its last."""
    first = _address(array)
    if not prod(array.shape):
        return first, first
    pairs = zip(array.shape, array.strides, strict=True)
    steps = [(extent - 1) * stride for extent, stride in pairs]
    low = sum(min(step, 0) for step in steps)
    high = sum(max(step, 0) for step in steps) + array.dtype.itemsize
    return first + low, first + high
