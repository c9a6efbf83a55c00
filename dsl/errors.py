"""Places in the user's source, and errors that show them."""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """A span of one source line; `called_from` is where an inlined function was called.

    `line` counts from 1, `column` and `end_column` count characters from 0.
    """

    file: str
    line: int
    column: int
    end_column: int
    called_from: Location | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column + 1}"


class Error(Exception):
    """Whatever Tilewright reports to its users."""


class CompileError(Error):
    """The program is wrong.

    `message` says what was found and what was expected; `note` is the way out; `location` is filled
    in by the nearest enclosing `at`.
    """

    def __init__(
        self, message: str, note: str | None = None, location: Location | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.note = note
        self.location = location

    def __str__(self) -> str:
        lines = []
        if self.location is None:
            lines.append(f"error: {self.message}")
        else:
            lines += [f"{self.location}: error: {self.message}", *show_source(self.location)]
            caller = self.location.called_from
            while caller is not None:
                lines += [f"{caller}: called from here", *show_source(caller)]
                caller = caller.called_from
        if self.note is not None:
            lines.append(f"note: {self.note}")
        return "\n".join(lines)


def show_source(location: Location) -> list[str]:
    """The source line of a location and a caret line under it; nothing where there is no source."""
    text = linecache.getline(location.file, location.line).rstrip("\n")
    if not text:
        return []
    width = max(1, min(location.end_column, len(text)) - location.column)
    marker = "^" + "~" * (width - 1)
    return [f"{location.line:5} | {text}", f"      | {' ' * location.column}{marker}"]


@contextmanager
def at(location: Location | None) -> Iterator[None]:
    """Give a place to any `CompileError` raised inside that has none."""
    try:
        yield
    except CompileError as error:
        if error.location is None:
            error.location = location
        raise


def expect(condition: bool, message: str, *values: object, note: str | None = None) -> None:
    """Raise a `CompileError` unless `condition` holds; `{}` in `message` stand for `values`."""
    if not condition:
        raise CompileError(message.format(*values), note)
