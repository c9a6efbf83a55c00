"""Writes C++: lines with their indentation, markers of the user's lines, names that are free."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from re import sub

from tilewright.dsl import ir

from .prelude import defined_names
from .spelling import RESERVED

_STEP = "  "


class Writer:
    """Text in the making."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 1
        self._taken: set[str] = set(RESERVED | defined_names())
        self._place = -1  # that of the last marker
        self._wanted = -1  # that of what is written next

    def add(self, line: str) -> None:
        """Write a line."""
        if self._wanted != self._place:
            self.lines.append(f'#line {self._wanted} "place"')
            self._place = self._wanted
        self.lines.append(_STEP * self.depth + line if line else "")

    def mark(self, op: ir.Op) -> None:
        """Say that what follows was written for an op."""
        if op.place >= 0:
            self._wanted = op.place

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Write what is written meanwhile between braces behind a head."""
        self.add(f"{head} {{" if head else "{")
        self.depth += 1
        yield
        self.depth -= 1
        self.lines.append(f"{_STEP * self.depth}}}")

    @contextmanager
    def block_if(self, head: str | None) -> Iterator[None]:
        """The same; without a head there are no braces."""
        if head is None:
            yield
            return
        with self.block(head):
            yield

    def fresh(self, wanted: str) -> str:
        """A name like the one wanted that nothing else has."""
        base = sub(r"\W", "_", wanted) or "value"
        if base[0].isdigit() or base.startswith("_"):
            base = f"v{base}"
        name, number = base, 2
        while name in self._taken:
            name, number = f"{base}_{number}", number + 1
        self._taken.add(name)
        return name

    def define(self, kind: str, wanted: str, text: str) -> str:
        """Write the definition of a constant; its name."""
        name = self.fresh(wanted)
        typed = f"{kind} const" if kind.endswith("*") else f"const {kind}"
        self.add(f"{typed} {name} = {text};")
        return name
