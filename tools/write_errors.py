"""Write the list of errors in docs/errors.md from the tables that the tests read.

Run `python tools/write_errors.py`; with `--tables` it first writes the comments of the tables anew,
from the errors as they are now: read the difference before it is kept.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT))

from tests.error_table import COMPILED, RUN, Case, cases  # noqa: E402

PAGE: Final = ROOT / "docs" / "errors.md"
BEGIN: Final = "## The list\n"

# The topics in the order of the page: folder, title, and what holds for all of it.
TOPICS: Final = (
    ("types", "Types", "The dtype of every value is known when a kernel is compiled."),
    ("shapes", "Shapes", "So is its shape: constants of at least 1, up to five of them."),
    ("names", "Names", "A name means one thing on every path that reaches its use."),
    ("indexing", "Indexing", "An index is a scalar, an integer tile or a slice."),
    ("loops", "Loops", "`range` loops at run time over scalars, `tw.static_range` when compiling."),
    ("lanes", "Tile conditions", "Under a condition that is a tile every lane is on its own."),
    ("functions", "Functions and their arguments", "Builtins are called as NumPy's functions are."),
    ("constants", "Constants", "What is known when compiling is checked when compiling."),
    ("python", "Python that kernels do not have", "A kernel is a part of Python."),
    ("definitions", "Definitions", "`@tw.kernel` and `@tw.func` stand above a plain `def`."),
    ("calls", "Launches", "A wrong call is refused before anything runs."),
    ("arguments", "Arguments", "Arrays and numbers, as the annotations say where there are any."),
    ("tuning", "Tuning", "`@tw.autotune` chooses among configurations."),
    ("host", "Outside of kernels", "What is called on the host answers there."),
    ("debug", "While a kernel runs", "Checked with `debug=True` or in the interpreter."),
)


def main() -> None:
    """Write the page, and the tables if that was asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", action="store_true", help="write the comments of the tables")
    if parser.parse_args().tables:
        for case in (*cases(COMPILED), *cases(RUN)):
            case.file.write_text(case.rewritten())
    PAGE.write_text(page_with(PAGE.read_text()))


def page_with(page: str) -> str:
    """The page with a fresh list; what stands before the list is kept."""
    return page.partition(BEGIN)[0] + BEGIN + "\n" + "\n".join(_topics())


def _topics() -> Iterator[str]:
    found = (*cases(COMPILED), *cases(RUN))
    missing = {case.topic for case in found} - {folder for folder, *_ in TOPICS}
    assert not missing, f"topics without a title: {missing}"
    yield f"{len(found)} mistakes, and what is said about each.\n"
    for folder, title, sentence in TOPICS:
        yield f"### {title}\n\n{sentence}\n"
        for case in found:
            if case.topic == folder:
                yield _entry(case)


def _entry(case: Case) -> str:
    """One mistake: the rule, the program, the error, and the way out if the error has none."""
    settings = [f"`{name}={value}`" for name, value in case.environment.items()]
    parts = [
        f"**{case.rule}**{f' With {settings[0]}:' if settings else ''}\n",
        f"```py\n{case.shown}```\n",
        f"```text\n{case.message_on_the_page()}\n```\n",
    ]
    if case.way_out is not None:
        parts.append(f"The way out: {case.way_out}.\n")
    return "\n".join(parts)


if __name__ == "__main__":
    main()
