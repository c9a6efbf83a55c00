"""Places in the user's source, and errors that show them."""

from __future__ import annotations

import linecache
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from .records import record


@record
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
    in by the nearest enclosing `at`. `origins` are other places that explain it, each with what
    happened there: where a variable that the message names got its type; None if nobody looked.
    """

    def __init__(
        self, message: str, note: str | None = None, location: Location | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.note = note
        self.location = location
        self.origins: tuple[tuple[Location, str], ...] | None = None

    def __str__(self) -> str:
        return show_error(self.message, self.location, self.note, self.origins or ())


def show_error(
    message: str,
    location: Location | None,
    note: str | None,
    origins: Iterable[tuple[Location, str]] = (),
) -> str:
    """An error as users see it: the place and its source line, who called, origins, the note."""
    lines = [f"{'' if location is None else f'{location}: '}error: {message}"]
    if location is not None:
        lines += show_source(location)
        caller = location.called_from
        while caller is not None:
            lines += [f"{caller}: called from here", *show_source(caller)]
            caller = caller.called_from
    for place, what in origins:
        lines += [f"{place}: {what}", *show_source(place)]
    if note is not None:
        lines.append(f"note: {note}")
    return "\n".join(lines)


def show_source(location: Location) -> list[str]:
    """The source line of a location and a caret line under it; nothing where there is no source."""
    text = linecache.getline(location.file, location.line).rstrip("\n")
    if not text:
        return []
    width = max(1, min(location.end_column, len(text)) - location.column)
    before = "".join("\t" if c == "\t" else " " for c in text[: location.column])
    return [f"{location.line:5} | {text}", f"      | {before}^{'~' * (width - 1)}"]


def did_you_mean(name: str, known: Iterable[str], before: str = "") -> str | None:
    """The note for a name that is not there: one among `known` that is spelled much like it."""
    import difflib  # slow to load, and seldom needed

    others = [one for one in known if one != name]
    found = [one for one in others if one.strip("_") == name.strip("_")]
    found = found or difflib.get_close_matches(name, others, 1, 0.75)
    return f"did you mean `{before}{found[0]}`?" if found else None


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
