"""What stops an interpreted launch, with everything the runtime needs to report it."""

from __future__ import annotations

from typing import Final

Program = tuple[int, int, int]

# The codes 1 to 6 are those that compiled code passes to its services.
ASSERTION: Final = 1
OUT_OF_BOUNDS: Final = 2  # values: axis, index, the shape of the array
NEGATIVE_INDEX: Final = 3  # values: axis, index, the shape of the array
ASSUMPTION: Final = 4
DIVISION_BY_ZERO: Final = 5
POINTER: Final = 6  # values: offset in elements from the start of the allocation, its extent
RACE: Final = 7


class Fault(Exception):  # noqa: N818, it is what the glossary calls it
    """A launch went wrong at a place of one program.

    `place` is the ordinal of the op, as in `Function.locations`; `values` are what the code says;
    `message` is ready to be shown, without place and program. A fault of code `RACE` also names the
    other program and its place.
    """

    def __init__(
        self,
        code: int,
        place: int,
        program: Program,
        message: str,
        values: tuple[int, ...] = (),
        other_program: Program | None = None,
        other_place: int = -1,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.place = place
        self.program = program
        self.message = message
        self.values = values
        self.other_program = other_program
        self.other_place = other_place

    def __str__(self) -> str:
        return f"{self.message} (op {self.place}, program {self.program})"
