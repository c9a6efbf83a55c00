"""What a launch has to say: its prints as text, its failure as an error at the user's line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np

from tilewright.codegen.analysis.memory import root_of
from tilewright.codegen.analysis.pointers import Origins
from tilewright.dsl import ir
from tilewright.dsl.errors import Location
from tilewright.dsl.interpreter.faults import (
    ASSERTION,
    ASSUMPTION,
    DIVISION_BY_ZERO,
    NEGATIVE_INDEX,
    OUT_OF_BOUNDS,
    POINTER,
    Fault,
)
from tilewright.dsl.interpreter.printing import format_print
from tilewright.dsl.interpreter.values import displayed, storage_of
from tilewright.dsl.types import Tile

from .errors import DeviceError

Failure = tuple[int, int, tuple[int, ...]]

WORD: Final = 8  # each printed value begins at a multiple of this many bytes


class Report:
    """Says what happened in launches of one function; called by the extension after those that
    printed or failed.
    """

    def __init__(self, function: ir.Function) -> None:
        self._function = function

    def __call__(self, failure: Failure | None, prints: Sequence[tuple[int, int, bytes]]) -> None:
        """Write prints to standard output, then raise `DeviceError` if the launch failed.

        A place of -1 tells, in place of a program, how many bytes of output found no room.
        """
        for place, program, data in prints:
            if place < 0:
                sys.stdout.write(f"... {program} more bytes printed by {self._function.name}\n")
                continue
            match self._ops[place]:
                case ir.Print(labels, values):
                    sys.stdout.write(format_print(labels, _unpack(values, data)) + "\n")
        if failure is not None:
            code, place, numbers = failure
            message = self._describe(code, place, numbers) or f"failure {code} in a kernel"
            raise DeviceError(message, self._location(place))

    def error_of(self, fault: Fault) -> DeviceError:
        """The error that a fault of the interpreter is to the user."""
        note = f"in program {fault.program}"
        if fault.other_program is not None:
            note += f", and in program {fault.other_program}"
            other = self._location(fault.other_place)
            if other is not None:
                note += f" at {other}"
        message = self._describe(fault.code, fault.place, fault.values) or fault.message
        return DeviceError(message, self._location(fault.place), note)

    @cached_property
    def _ops(self) -> tuple[ir.Op, ...]:
        """The ops by place: in the order of the function's text."""
        return tuple(ir.walk(self._function.body))

    @cached_property
    def _origins(self) -> Origins:
        return Origins(self._function)

    def _location(self, place: int) -> Location | None:
        places = self._function.locations
        return places[place] if 0 <= place < len(places) else None

    def _describe(self, code: int, place: int, numbers: tuple[int, ...]) -> str | None:
        """What went wrong; None for what only the interpreter finds, and describes."""
        op = self._ops[place] if 0 <= place < len(self._ops) else None
        match code, op, numbers:
            case int(kind), ir.Assert(_, message), _ if kind == ASSERTION:
                return f"assertion failed: {message}" if message else "assertion failed"
            case int(kind), _, (axis, index, *shape) if kind in (OUT_OF_BOUNDS, NEGATIVE_INDEX):
                fault = "out of bounds" if kind == OUT_OF_BOUNDS else "negative,"
                return (
                    f"index {index} is {fault} for axis {axis} of {_array_of(op)} of shape "
                    f"{tuple(shape)}"
                )
            case int(kind), ir.Op(), (element, size) if kind == POINTER:
                names = [f"`{p.name}`" for p in self._origins.of(op.operands[0])]
                if len(names) > 1:
                    return f"a pointer lies outside the memory of arrays {' and '.join(names)}"
                # A check that was read from a text tells no more than the numbers.
                array = f"array {names[0]}" if names else "an array"
                return (
                    f"element {element} lies outside the memory of {array}, which has "
                    f"{size} elements"
                )
        return _WITHOUT_VALUES.get(code)


_WITHOUT_VALUES: Final = {
    ASSERTION: "assertion failed",
    OUT_OF_BOUNDS: "index is out of bounds",
    NEGATIVE_INDEX: "index is negative",
    ASSUMPTION: "what `assume` promises does not hold",
    DIVISION_BY_ZERO: "integer division by zero",
    POINTER: "a pointer that points nowhere is followed",
}


def _array_of(op: ir.Op | None) -> str:
    source = getattr(op, "source", None)
    root = None if source is None else root_of(source)
    return "an array" if root is None or root.name is None else f"array `{root.name}`"


def _unpack(values: Sequence[ir.Value], data: bytes) -> list[np.ndarray]:
    """The printed values from their bytes, one after another."""
    found = []
    offset = 0
    for value in values:
        tile: Tile = value.tile
        array = np.frombuffer(data, storage_of(tile.dtype), tile.size, offset)
        found.append(displayed(array.reshape(tile.shape)[()], tile.dtype))
        offset += -(-array.nbytes // WORD) * WORD
    return found
