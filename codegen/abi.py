"""How the arguments of a launch lie in memory, the same for every backend.

A block of 8-byte words: three grid extents, then for each parameter its slot. An array is a data
pointer, its extents, its strides in elements; a scalar lies in the low bytes of one word. In debug
mode slots follow that say where the memory of each array and pointer begins, and how many elements
it has.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.records import record
from tilewright.dsl.types import DTYPE_CODES, Array

from .artifact import Slot

WORD: Final = 8
GRID_AXES: Final = 3


@record
class Layout:
    """The slots of all parameters and the size of the block in bytes."""

    slots: tuple[Slot, ...]
    size: int


def argument_layout(function: ir.Function) -> Layout:
    """Lay out the parameters of a function one after another."""
    slots = []
    offset = GRID_AXES * WORD
    for position, parameter in enumerate(function.parameters):
        match parameter.type:
            case Array(dtype) as array:
                slot = Slot(position, "array", DTYPE_CODES[dtype], array.rank, offset)
            case tile if tile.dtype.is_pointer:
                assert tile.dtype.element is not None
                slot = Slot(position, "pointer", DTYPE_CODES[tile.dtype.element], 0, offset)
            case tile:
                slot = Slot(position, "scalar", DTYPE_CODES[tile.dtype], 0, offset)
        slots.append(slot)
        offset += slot.words * WORD
    if is_debug(function):
        for slot in [slot for slot in slots if slot.kind != "scalar"]:
            slots.append(Slot(slot.parameter, "allocation", slot.dtype, 0, offset))
            offset += slots[-1].words * WORD
    return Layout(tuple(slots), offset)


def is_debug(function: ir.Function) -> bool:
    """Whether a function checks what debug mode promises."""
    return not function.options.isdisjoint({"debug", "strict"})
