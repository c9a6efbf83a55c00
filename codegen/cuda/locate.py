"""Places of the user's source in CUDA C++, and in the listings that are made of it.

Emitted text has lines `#line 17 "place"`, where 17 is a place of the function. What is launched is
compiled without them, so that messages count the lines of the text. For listings every line behind
such a mark becomes that place; lines count from 1, so place 17 is line 18 there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_MARK: Final = re.compile(r'\s*#line (\d+)(?: "place")?\s*')
_OTHER_MARK: Final = re.compile(r'\s*#line \d+ ".*"\s*')
# For listings, which most processes never make: compiled when they are first used.
_FILE: Final = r'\s*\.file\s+(\d+)\s+"(?:[^"]*/)?place"'
_LOCATED: Final = r"\s*\.loc\s+(\d+)\s+(\d+)\s.*"
_INLINED: Final = r"inlined_at\s+(\d+)\s+(\d+)\s"
_DISASSEMBLED: Final = r'\s*//## File "(?:[^"]*/)?place", line (\d+)'
_LINED: Final = r"\s*//## File "


def without_marks(text: str) -> str:
    """The same text with as many lines, and no marks among them."""
    return "\n".join("" if _is_mark(line) else line for line in text.split("\n"))


def with_places(text: str) -> str:
    """The same text, in which each line behind a mark lies at that place, and no other does."""
    return "\n".join(_placed(text.split("\n")))


def located_ptx(listing: str) -> str:
    """A listing of PTX with a comment `// #line 17` in place of what it says for debuggers."""
    found = re.search(_FILE, listing)
    file = int(found[1]) if found else -1
    lines = []
    for line in listing.split("\n"):
        located = re.match(_LOCATED, line)
        if located is not None:
            place = _place_in(file, located, line)
            lines += [] if place is None else [f"\t// #line {place}"]
        elif not _is_for_debuggers(line):
            lines.append(line)
    return "\n".join(_unrepeated(lines)).split("\n\t.section\t.debug", 1)[0].rstrip() + "\n"


def located_sass(listing: str) -> str:
    """A disassembly with comments `// #line 17`, and none about lines that are no place."""
    lines = []
    for line in listing.split("\n"):
        found = re.match(_DISASSEMBLED, line)
        if found is not None:
            lines.append(f"\t// #line {int(found[1]) - 1}")
        elif not re.match(_LINED, line):
            lines.append(line)
    return "\n".join(_unrepeated(lines)).rstrip() + "\n"


def place_of_line(text: str, number: int) -> int | None:
    """The place that a line of emitted text belongs to; lines count from 1."""
    place = None
    for line in text.split("\n")[:number]:
        found = _MARK.fullmatch(line)
        if found is not None:
            place = int(found[1])
    return place


def _is_mark(line: str) -> bool:
    return _MARK.fullmatch(line) is not None or _OTHER_MARK.fullmatch(line) is not None


def _placed(lines: list[str]) -> Iterator[str]:
    place: str | None = None
    before = ""
    for line in lines:
        found = _MARK.fullmatch(line)
        if found is not None:
            place = f'#line {int(found[1]) + 1} "place"'
        elif _OTHER_MARK.fullmatch(line) is not None:
            place = line
        else:
            # A line that is for the preprocessor, or is one with the line before it, is left alone.
            is_code = line.strip() and not line.lstrip().startswith("#")
            is_placed = place is not None and is_code and not before.endswith("\\")
            yield f"{place}\n{line}" if is_placed else line
            before = line


def _place_in(file: int, located: re.Match[str], line: str) -> int | None:
    """The place that a `.loc` directive names; of an inlined function, where it was called."""
    for found in (located, re.search(_INLINED, line)):
        if found is not None and int(found[1]) == file:
            return int(found[2]) - 1
    return None


def _is_for_debuggers(line: str) -> bool:
    return bool(re.match(r"\s*\.file\s+\d+\s", line) or re.match(r"\$L__\w+:\s*$", line))


def _unrepeated(lines: list[str]) -> Iterator[str]:
    """The lines, without a comment about a place that the one before it names, too."""
    shown = None
    for line in lines:
        if line.startswith("\t// #line "):
            if line == shown:
                continue
            shown = line
        yield line
