"""Launches on NumPy arrays run on a device: their memory goes there before, and comes back after.

Whole allocations go, guard zones and whatever else a kernel must not touch included, so a stray
write of the device is found where a stray write of the host would be. Arrays that share memory
share it there, at the same distance from a multiple of `ALIGNMENT` bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from tilewright import _native
from tilewright.dsl.structs import class_of, is_struct, items_of, rebuild
from tilewright.dsl.types import DTYPE_CODES
from tilewright.runtime.autotune import TunedKernel
from tilewright.runtime.errors import DeviceError, LaunchError
from tilewright.runtime.headers import span_of
from tilewright.runtime.interop import Host, as_host, is_array, our_dtype
from tilewright.runtime.kernel import Kernel, Specialization
from tilewright.runtime.parsed import ParsedKernel
from tilewright.runtime.settings import settings

ALIGNMENT = 16  # what code may rely on, and what the host's memory has
LAUNCHED: tuple[type, ...] = (Kernel, ParsedKernel, Specialization, TunedKernel)


@contextmanager
def launches_on(device: str) -> Iterator[None]:
    """Let every launch of the block that is on the host's arrays run on a device.

    Launches that name a device or a stream stay where they are, as do those on arrays that no
    device takes: they are refused as ever.
    """
    usual = _native.LaunchTable.__getitem__

    def bound(table: _native.LaunchTable, grid: object) -> Callable[..., None]:
        launcher = usual(table, grid)

        def launch(*arguments: object, **keywords: Any) -> None:
            is_placed = any(keywords.get(name) is not None for name in ("stream", "device"))
            if is_placed or settings.interpret:
                return launcher(*arguments, **keywords)
            try:
                mirror = Mirror(device, (*arguments, *keywords.values()))
            except (LaunchError, DeviceError, BufferError):
                return launcher(*arguments, **keywords)
            given = [mirror.of(one) for one in arguments]
            named = {name: mirror.of(one) for name, one in keywords.items()}
            try:
                launcher(*given, **named | {"device": None if mirror.has_arrays else device})
            finally:
                try:
                    _native.synchronize(device)
                finally:
                    mirror.fetch()

        return launch

    kept = [(one, vars(one).get("__getitem__")) for one in LAUNCHED]
    for one, _ in kept:
        one.__getitem__ = bound  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for one, before in kept:
            if before is None:
                del one.__getitem__  # type: ignore[attr-defined]
            else:
                one.__getitem__ = before  # type: ignore[attr-defined]


class Mirror:
    """The memory of some arguments' arrays, on a device; raises what says that one cannot be."""

    def __init__(self, device: str, arguments: Sequence[object]) -> None:
        self._device = device
        arrays = [as_host(one) for argument in arguments for one in _arrays_in(argument)]
        for one in arrays:
            _check(one)
        self.has_arrays = bool(arrays)
        self._regions = [_Region(device, begin, end) for begin, end in _merged(arrays)]

    def of(self, argument: Any) -> Any:
        """The argument with arrays on the device in place of the host's."""
        if is_struct(argument):
            kind = class_of(argument)
            items = [self.of(item) for item in items_of(argument)]
            return tuple(items) if kind is tuple else rebuild(kind, items)
        if not _is_host_array(argument):
            return argument
        host = as_host(argument)
        address = host.ctypes.data
        strides = tuple(step // host.itemsize for step in host.strides)
        for one in self._regions:
            if one.begin <= span_of(host)[0] and span_of(host)[1] <= one.end:
                address += one.shift
                owner: object = one.buffer
                break
        else:
            raise AssertionError("an array lies in no region")
        code = DTYPE_CODES[our_dtype(host.dtype)]
        writable = host.flags.writeable
        return _native.View(owner, address, self._device, code, host.shape, strides, writable)

    def fetch(self) -> None:
        """Bring back what the launch left."""
        for one in self._regions:
            one.fetch()


class _Region:
    """Bytes of the host and their copy; `shift` is added to an address to get there."""

    def __init__(self, device: str, begin: int, end: int) -> None:
        self.begin, self.end = begin, end
        self._device = device
        # Where it needs no room for that: debug mode tells of accesses outside of the buffer.
        slack = ALIGNMENT if begin % ALIGNMENT else 0
        self.buffer = _native.allocate(device, end - begin + slack)
        first = self.buffer.ptr + (begin % ALIGNMENT if slack else 0)
        self.shift = first - begin
        if end > begin:
            _native.copy(first, device, begin, "cpu", end - begin)

    def fetch(self) -> None:
        size = self.end - self.begin
        found = np.empty(size, np.uint8)
        if not size:
            return
        _native.copy(found.ctypes.data, "cpu", self.begin + self.shift, self._device, size)
        here = _bytes_at(self.begin, size)
        changed = found != here
        if changed.any():  # memory that is read-only is not touched, so a fault there is a crash
            here[changed] = found[changed]


def _arrays_in(argument: object) -> Iterator[object]:
    if is_struct(argument):
        for item in items_of(argument):
            yield from _arrays_in(item)
    elif _is_host_array(argument):
        yield argument


def _is_host_array(argument: object) -> bool:
    return not isinstance(argument, type) and is_array(argument)


def _check(array: Host) -> None:
    """Refuse what no device can have: the launch on the host says why."""
    our_dtype(array.dtype)
    item = array.itemsize
    if not array.dtype.isnative or array.ctypes.data % item or any(s % item for s in array.strides):
        raise LaunchError("the array stays on the host")
    if array.ndim > 8:
        raise LaunchError("the array has too many axes")


def _merged(arrays: Sequence[Host]) -> list[tuple[int, int]]:
    """The memory that arrays are views of, what overlaps as one."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(_allocation(one) for one in arrays):
        if found and begin < found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        elif not found or found[-1] != (begin, end):
            found.append((begin, end))
    return found


def _allocation(array: Host) -> tuple[int, int]:
    spans = [span_of(array)]
    base: Any = array
    while isinstance(base.base, np.ndarray):
        base = base.base
        spans.append(span_of(base))
    return min(begin for begin, _ in spans), max(end for _, end in spans)


class _Bytes:
    def __init__(self, address: int, size: int) -> None:
        self.__array_interface__ = {
            "version": 3,
            "typestr": "|u1",
            "shape": (size,),
            "data": (address, False),
        }


def _bytes_at(address: int, size: int) -> Host:
    return np.asarray(_Bytes(address, size))
