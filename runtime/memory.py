"""Memory of a device, in which NumPy keeps count of shape, strides and dtype.

On a GPU the NumPy array is a header: its address is one of the GPU, which the host cannot read, so
only what looks at shapes may touch it. Each kind of device has a class with the same methods here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import prod
from operator import index
from typing import Any

import numpy as np

from tilewright import _native
from tilewright.dsl.types import DTYPE_CODES

from .compilers import expect_compiles
from .device import GPU, Device, host
from .headers import Header, header_over, is_dense, owner_of, span_of
from .interop import Host, our_dtype, to_dlpack
from .stream import hand_over


class HostMemory:
    """The memory that NumPy's arrays lie in."""

    def __init__(self, device: Device) -> None:
        self.device = device

    def empty(self, shape: int | Sequence[int], dtype: np.dtype[Any]) -> Header:
        """A new array whose elements are whatever was there."""
        return np.empty(shape, dtype)

    def fill(self, array: Header, number: Any) -> bool:
        """Make every element a number; whether it could be done without a kernel."""
        array[...] = number
        return True

    def argument(self, array: Header) -> Header:
        """An array as launches take it."""
        return array

    def number_in(self, array: Header) -> Any:
        """The element of an array of rank 0, which costs nothing; any other array itself."""
        return array if array.ndim else array[()]

    def read(self, array: Header) -> Host:
        """The elements for the host: over the same memory."""
        return array

    def copy(self, target: Header, source: Header) -> None:
        """Copy between arrays of one shape here, both in row-major order without gaps."""
        np.copyto(target, source)

    def export(self, array: Header, stream: int | None, **options: Any) -> object:
        """A capsule of DLPack; there are no streams to wait for."""
        if stream is not None:
            raise BufferError(f"an array on the host is on no stream, got {stream}")
        return to_dlpack(array, our_dtype(array.dtype), **options)

    def write(self, array: Host) -> Header:
        """Elements of the host's: over the same memory."""
        return array


class GpuMemory:
    """The memory of one GPU. Work on it is put on the current stream."""

    def __init__(self, device: Device) -> None:
        self.device = device
        expect_compiles(device)

    def empty(self, shape: int | Sequence[int], dtype: np.dtype[Any]) -> Header:
        """A new array whose elements are whatever was there; `DeviceError` if there is no room."""
        extents = _extents(shape)
        buffer = _native.allocate(self.device.label, prod(extents) * dtype.itemsize)
        return header_over(buffer.ptr, extents, None, dtype, buffer)

    def fill(self, array: Header, number: Any) -> bool:
        """Make every element a number; whether it could be done without a kernel."""
        data = np.asarray(number, array.dtype).tobytes()
        if not is_dense(array) or len(set(data)) > 1:
            return False
        if array.nbytes:
            start, _ = span_of(array)
            _native.fill(start, self.device.label, data[0], array.nbytes)
        return True

    def argument(self, array: Header) -> _native.View:
        """An array as launches take it."""
        item = array.itemsize
        return _native.View(
            owner_of(array),
            array.ctypes.data,
            self.device.label,
            DTYPE_CODES[our_dtype(array.dtype)],
            array.shape,
            tuple(stride // item for stride in array.strides),
            array.flags.writeable,
        )

    def number_in(self, array: Header) -> Any:
        """Any array itself: to fetch an element would be to wait for it."""
        return array

    def read(self, array: Header) -> Host:
        """The elements copied to the host, once they are computed; the array must be dense."""
        start, end = span_of(array)
        bits = np.empty(end - start, np.uint8)
        if bits.size:
            label = self.device.label
            _native.copy(bits.ctypes.data, host().label, start, label, bits.size)
        first = array.ctypes.data - start
        return np.ndarray(array.shape, array.dtype, bits, first, array.strides)

    def export(
        self,
        array: Header,
        stream: int | None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> object:
        """A capsule of DLPack; work of a consumer's stream waits for that of the current one."""
        if dl_device not in (None, (2, self.device.index)) or copy:
            raise BufferError(f"the array is on {self.device} and shared there, without a copy")
        hand_over(self.device, stream)
        return self.argument(array).to_dlpack(max_version is not None and max_version >= (1, 0))

    def write(self, array: Host) -> Header:
        """Elements of the host's, copied."""
        made = self.empty(array.shape, array.dtype)
        source = array if array.flags.c_contiguous else array.copy("C")
        self.copy(made, source, host())
        return made

    def copy(self, target: Header, source: Header, device: Device | None = None) -> None:
        """Copy between arrays of one shape, the source of which may be on another device, both in
        row-major order without gaps.
        """
        if source.nbytes:
            here = self.device.label
            there = here if device is None else device.label
            start, owner = source.ctypes.data, owner_of(source)
            _native.copy(target.ctypes.data, here, start, there, source.nbytes, owner=owner)


Memory = HostMemory | GpuMemory


@cache
def memory_of(device: Device) -> Memory:
    """The memory of a device."""
    return GpuMemory(device) if device.kind == GPU else HostMemory(device)


def move(array: Header, source: Memory, target: Memory) -> Header:
    """A copy in the memory of another device of an array in row-major order without gaps."""
    if isinstance(source, GpuMemory) and isinstance(target, GpuMemory):
        made = target.empty(array.shape, array.dtype)
        target.copy(made, array, source.device)
        return made
    return target.write(source.read(array))


def _extents(shape: int | Sequence[int]) -> tuple[int, ...]:
    """A shape as NumPy reads it; `ValueError` for a negative extent, `TypeError` for no numbers."""
    extents = tuple(map(index, shape)) if isinstance(shape, Sequence) else (index(shape),)
    if any(extent < 0 for extent in extents):
        raise ValueError("negative dimensions are not allowed")
    return extents
