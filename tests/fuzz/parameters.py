"""The arrays of a random program: tables to read, and arrays with a row for each program."""

from __future__ import annotations

from random import Random
from typing import Final

from .access import SHARED_KINDS, Access
from .program import Argument, Scalar, Shape, lay_out
from .rules import INTEGERS, STORED

LAYOUTS: Final = ("rows", "rows", "rows", "columns", "gaps", "backwards", "inner backwards")
GRIDS: Final = ((1,), (1,), (3,), (2, 2), (5,), (1, 2, 2), (7,))


class Parameters:
    """Makes the parameters of one kernel."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.arguments: list[Argument | Scalar] = []
        self.annotations: dict[str, str] = {}
        self.grid: Shape = self.random.choice(GRIDS)
        self.programs = 1
        for extent in self.grid:
            self.programs *= extent
        self.draw = Access(self.random)
        self.own: list[tuple[Argument, Shape]] = []  # arrays that each program has a row of
        self.hidden: list[Argument] = []  # tables that lie under what is written

    def argument(
        self, letter: str, dtype: str, shape: Shape, content: str, layout: str | None = None
    ) -> Argument:
        """A new array."""
        layout = layout or self.random.choice(LAYOUTS)
        name = f"{letter}{len(self.arguments)}"
        content = content if self.random.random() < 0.6 or content == "poison" else "small"
        made = Argument(name, dtype, shape, lay_out(shape, layout), content)
        self.arguments.append(made)
        if self.random.random() < 0.15 and shape:
            extents = [":" if self.random.random() < 0.5 else str(n) for n in shape]
            if layout == "rows" and self.random.random() < 0.7:
                extents = [":"] * (len(shape) - 1) + ["::1"]
            self.annotations[name] = f'{name}: "{dtype}[{", ".join(extents)}]"'
        return made

    def table(self, shape: Shape) -> Argument:
        """An array to read from, of about a shape; sometimes without elements."""
        extents = [n + self.random.choice((0, 0, 0, 3, -1)) for n in shape]
        if self.random.random() < 0.05:
            extents[self.random.randrange(len(extents))] = 0
        return self.argument("x", self.draw.dtype(), tuple(max(n, 0) for n in extents), "any")

    def pointer(self) -> None:
        """An array passed as a pointer."""
        made = self.argument("r", self.draw.dtype(STORED[1:]), (40,), "any", "rows")
        self.annotations[made.name] = f'{made.name}: "*{made.dtype}"'
        self.draw.bare.append(made)

    def shared(self) -> None:
        """An array that all programs change by atomics of one kind."""
        made = self.argument("g", self.draw.dtype(("bool_", *INTEGERS)), (9,), "any")
        kind = "or_" if made.dtype == "bool_" else self.random.choice(SHARED_KINDS)
        self.draw.shared.append((made, kind))

    def overlap(self, shape: Shape) -> None:
        """One program, which writes where it reads."""
        self.grid, self.programs = (1,), 1
        self.arguments = [
            one if isinstance(one, Scalar) or one not in dict(self.own) else self.one_row(one)
            for one in self.arguments
        ]
        self.own = [(self.one_row(one), row) for one, row in self.own]
        dtype = self.draw.dtype(STORED[1:])
        under = self.argument("u", dtype, shape, "any", "rows")
        name = f"w{len(self.arguments)}"
        strides = lay_out((1, *shape), self.random.choice(("rows", "columns", "backwards")))
        shift = self.random.choice((-9, -1, 0, 1, 3, 8))
        over = Argument(name, dtype, (1, *shape), strides, "over", over=under.name, shift=shift)
        self.arguments.append(over)
        self.hidden.append(under)
        self.own.append((over, shape))

    def one_row(self, one: Argument) -> Argument:
        """The same array for a single program."""
        shape = (1, *one.shape[1:])
        self.annotations.pop(one.name, None)
        return Argument(one.name, one.dtype, shape, lay_out(shape, "rows"), one.content)
