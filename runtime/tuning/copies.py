"""Copies of what a kernel writes, for trials to work on: the user's arrays stay as they are.

Arguments that share memory share it in the copy too, and each copy lies as its original does within
a page, so that a trial runs as the real launch will. What is only read is not copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tilewright.codegen.analysis.memory import only_stored, written
from tilewright.dsl import ir
from tilewright.dsl.signature import Constant, Signature, Struct, leaves
from tilewright.dsl.structs import items_of, rebuild
from tilewright.dsl.types import Array

from ..device import GPU, Device
from ..errors import DeviceError
from ..headers import Header, header_over, span_of
from ..interop import header_of, is_array
from ..memory import Memory, memory_of

PAGE: Final = 4096  # a copy lies as its original modulo this, so lines and pages are cut alike


@dataclass(frozen=True, slots=True)
class Region:
    """Memory of arrays that overlap; `is_changed` if trials would see their own results."""

    begin: int
    end: int
    is_written: bool
    is_changed: bool


@dataclass(frozen=True, slots=True)
class _Leaf:
    """An array of a call: where its elements lie, and what the kernel does with it."""

    array: Header
    begin: int
    end: int
    is_written: bool
    is_only_stored: bool


class Copies:
    """The arguments of a call with copies in place of all memory that a function may write.

    `arguments` launch a trial. They borrow from the arguments given, which must stay alive and
    unchanged.
    """

    def __init__(
        self,
        function: ir.Function,
        signature: Signature,
        arguments: Sequence[object],
        device: Device,
    ) -> None:
        self._memory = memory_of(device)
        self._copied: list[tuple[Region, Header]] = []
        found = _leaves_of(function, signature, arguments)
        regions = [one for one in _merge(found) if one.is_written]
        total = sum(one.end - one.begin for one in regions)
        if device.kind != GPU and total > _free_bytes():
            raise _out_of_memory(function.name, total)
        try:
            for region in regions:
                self._copied.append((region, _same_place(self._memory, region)))
        except (MemoryError, DeviceError):
            raise _out_of_memory(function.name, total) from None
        self.bytes = total
        self.restore(everything=True)
        self.arguments = tuple(
            self._replaced(argument, one)
            for argument, one in zip(arguments, signature.parameters.values(), strict=True)
        )

    def restore(self, everything: bool = False) -> None:
        """Make the copies what the originals are, where a trial would see what another left."""
        for region, copy in self._copied:
            if everything or region.is_changed:
                original = header_over(region.begin, copy.shape, None, copy.dtype, None, True)
                self._memory.copy(copy, original)

    def _replaced(self, argument: object, one: object) -> object:
        if isinstance(one, Struct):
            items = [
                self._replaced(item, field)
                for item, field in zip(items_of(argument), one.fields, strict=True)
            ]
            return rebuild(type(argument) if one.kind is not tuple else tuple, items)
        if isinstance(one, Constant) or not is_array(argument):
            return argument
        array = header_of(argument)
        begin, end = span_of(array)
        for region, copy in self._copied:
            if region.begin <= begin < end <= region.end:
                first = array.ctypes.data - region.begin
                placed = np.ndarray(array.shape, array.dtype, copy.data, first, array.strides)
                return self._memory.argument(placed)
        return argument


def is_writable(function: ir.Function, signature: Signature, arguments: Sequence[object]) -> bool:
    """Whether all that the function writes may be written."""
    found = _leaves_of(function, signature, arguments)
    return all(one.array.flags.writeable for one in found if one.is_written)


def is_disjoint(function: ir.Function, signature: Signature, arguments: Sequence[object]) -> bool:
    """Whether nothing that the function writes overlaps another argument, or itself."""
    found = _leaves_of(function, signature, arguments)
    return not any(
        one.is_written
        and (
            _may_overlap_itself(one.array)
            if other is one
            else one.begin < other.end and other.begin < one.end
        )
        for one in found
        for other in found
    )


def _may_overlap_itself(array: Header) -> bool:
    """Whether two positions of an array may be the same memory, as launches tell it."""
    axes = sorted((abs(s), n) for s, n in zip(array.strides, array.shape, strict=True) if n != 1)
    reach = 0
    for stride, extent in axes:
        if stride <= reach and array.size:
            return True
        reach += (extent - 1) * stride
    return False


def _leaves_of(
    function: ir.Function, signature: Signature, arguments: Sequence[object]
) -> list[_Leaf]:
    """The arrays among the arguments."""
    marks = iter(zip(function.parameters, written(function), strict=True))
    stored = only_stored(function)
    uses_pointers = any(isinstance(op, ir.Address) for op in ir.walk(function.body))
    found = []
    values = _flatten(arguments, signature)
    for value, one in zip(values, leaves(iter(signature.parameters.values())), strict=True):
        if isinstance(one, Constant):
            continue
        parameter, is_written = next(marks)
        if not is_array(value):
            continue
        array = header_of(value)
        # Pointers may go anywhere in the allocation that they came from.
        is_pointer = uses_pointers or not isinstance(parameter.type, Array)
        begin, end = span_of(_outermost(array) if is_pointer else array)
        found.append(_Leaf(array, begin, end, is_written, parameter in stored and not is_pointer))
    return found


def _flatten(arguments: Sequence[object], signature: Signature) -> Iterator[object]:
    for argument, one in zip(arguments, signature.parameters.values(), strict=True):
        yield from _flat(argument, one)


def _flat(argument: object, one: object) -> Iterator[object]:
    if not isinstance(one, Struct):
        yield argument
        return
    for item, field in zip(items_of(argument), one.fields, strict=True):
        yield from _flat(item, field)


def _merge(found: Sequence[_Leaf]) -> list[Region]:
    """The regions that arrays lie in, those that overlap in one."""
    regions: list[Region] = []
    for one in sorted(found, key=lambda leaf: leaf.begin):
        if one.begin == one.end:
            continue
        if regions and one.begin < regions[-1].end:
            last = regions.pop()
            is_written = last.is_written or one.is_written
            regions.append(Region(last.begin, max(last.end, one.end), is_written, is_written))
        else:
            is_changed = one.is_written and not one.is_only_stored
            regions.append(Region(one.begin, one.end, one.is_written, is_changed))
    return regions


def _outermost(array: Header) -> Header:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _same_place(memory: Memory, region: Region) -> Header:
    """Fresh memory for a region, at the same place within a page."""
    size = region.end - region.begin
    fresh = memory.empty(size + PAGE, np.dtype(np.uint8))
    shift = (region.begin - fresh.ctypes.data) % PAGE
    return fresh[shift : shift + size]


def _free_bytes() -> float:
    """What the system has left for us without swapping; infinite where it does not say."""
    try:
        with open("/proc/meminfo") as file:  # noqa: PTH123
            for line in file:
                if line.startswith("MemAvailable:"):
                    return 1024.0 * int(line.split()[1])
    except (OSError, ValueError):
        pass
    return float("inf")


def _out_of_memory(kernel: str, size: int) -> DeviceError:
    return DeviceError(
        f"out of memory: trials of {kernel} need {size >> 20} MiB for copies of what it writes",
        note="tune on smaller arrays that share the key, load a tuning made elsewhere "
        "(kernel.tuning.load), or set TILEWRIGHT_TUNE=0 for the first configuration",
    )
