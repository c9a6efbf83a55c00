"""Shapes and strides of arrays, of which no element is looked at.

A header is a NumPy array whose address may be one of a GPU, which the host cannot read. NumPy's own
slicing, broadcasting and transposing keep to that; what would copy is written anew here.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Header = NDArray[Any]


def header_over(
    address: int,
    shape: tuple[int, ...],
    strides: tuple[int, ...] | None,
    dtype: np.dtype[Any],
    owner: object,
    is_read_only: bool = False,
) -> Header:
    """A header over memory that somebody owns; `strides` are in bytes."""
    interface = {
        "version": 3,
        "typestr": f"<u{dtype.itemsize}",
        "shape": shape,
        "strides": strides,
        "data": (address, is_read_only),
    }
    return np.asarray(_Memory(interface, owner)).view(dtype)


def owner_of(array: Header) -> object:
    """Who owns the memory behind a header; None for an array of the host's."""
    base: object = array
    while True:
        match base:
            case np.ndarray():
                base = base.base
            case memoryview():
                base = base.obj
            case _Memory():
                return base.owner
            case _:
                return None


def span_of(array: Header) -> tuple[int, int]:
    """The addresses of its first byte and behind its last."""
    start = end = array.ctypes.data
    if not array.size:
        return start, end
    for extent, stride in zip(array.shape, array.strides, strict=True):
        reach = (extent - 1) * stride
        start, end = start + min(reach, 0), end + max(reach, 0)
    return start, end + array.itemsize


def is_dense(array: Header) -> bool:
    """Whether it has no gaps, and no element twice, in whatever order its axes lie."""
    steps = sorted(
        (abs(stride), extent)
        for extent, stride in zip(array.shape, array.strides, strict=True)
        if extent != 1
    )
    expected = array.itemsize
    for stride, extent in steps:
        if stride != expected:
            return not array.size
        expected *= extent
    return True


def restrided(array: Header, shape: Sequence[int], strides: Sequence[int]) -> Header:
    """A view of the same memory; by way of integers, as NumPy cannot do it for `f8`."""
    bits = array.view(f"u{array.itemsize}") if array.dtype.itemsize == 1 else array
    return np.lib.stride_tricks.as_strided(bits, shape, strides).view(array.dtype)


def view_as(array: Header, shape: Sequence[int]) -> Header | None:
    """The same elements in row-major order in another shape; None where no view can be that.

    One extent may be -1. Raises `ValueError` for a shape of another number of elements.
    """
    known = prod(extent for extent in shape if extent >= 0)
    gaps = [axis for axis, extent in enumerate(shape) if extent < 0]
    whole = [*shape]
    if len(gaps) == 1 and known and shape[gaps[0]] == -1:
        whole[gaps[0]] = array.size // known
    if prod(whole) != array.size or any(extent < 0 for extent in whole):
        raise ValueError(f"cannot reshape an array of shape {array.shape} into {tuple(shape)}")
    if not array.size:
        return restrided(array, whole, [array.itemsize] * len(whole))
    strides = _split(_merged(array), whole, array.itemsize)
    return None if strides is None else restrided(array, whole, strides)


def _merged(array: Header) -> list[tuple[int, int]]:
    """(extent, stride) of as few axes as can be: those that lie behind one another are one."""
    found: list[tuple[int, int]] = []
    for extent, stride in zip(array.shape, array.strides, strict=True):
        if extent == 1:
            continue
        if found and found[-1][1] == extent * stride:
            found[-1] = found[-1][0] * extent, stride
        else:
            found.append((extent, stride))
    return found


def _split(axes: list[tuple[int, int]], shape: list[int], step: int) -> list[int] | None:
    """The strides of a shape whose axes are parts of some axes; None where one spans two."""
    strides = []
    left = 1
    for extent in reversed(shape):
        if left == 1 and extent != 1:
            left, step = axes.pop()
        if left % extent:
            return None
        strides.append(step)
        left, step = left // extent, step * extent
    return strides[::-1]


class _Memory:
    """Memory that another object owns, as NumPy likes to be told of it."""

    def __init__(self, interface: dict[str, object], owner: object) -> None:
        self.__array_interface__ = interface
        self.owner = owner
