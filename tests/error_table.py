"""The table of mistakes: one in a file, with the error it must give as comments.

`tests/dsl/errors` holds kernels that do not compile, `tests/runtime/errors` calls that are refused
and kernels that fail; a folder is a topic. The docstring is the rule. `# error: text` stands on the
line of the mistake and is the message; carets in a comment below it are the span that is marked.
`# where: text` is another place that the error shows, `# note: text` the way out, which an error
without a note has as `# way out: text`. `# signature: types` are the parameters of a kernel that is
only compiled; `# class: Name` and `# environment: NAME=value` stand in files that are run. In a
message, the file is named by its name alone. `docs/errors.md` is made of the same files by
`tools/write_errors.py`.
"""

from __future__ import annotations

import ast
import linecache
import os
import re
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import numpy as np

import tilewright as tw
from tilewright.dsl.errors import Location

from .dsl.frontend.language import lowered
from .dsl.frontend.language import tw as language

TESTS: Final = Path(__file__).parent
COMPILED: Final = TESTS / "dsl" / "errors"
RUN: Final = TESTS / "runtime" / "errors"

_OURS: Final = (str(TESTS.parent), str(Path(tw.__file__).parent))
_FROM_THE_ERROR: Final = re.compile(r"^# (where|note): ")
_COMMENT: Final = re.compile(r"^\s*# (error|where|note|way out|signature|class|environment): ")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file says about its error."""

    kind: str
    line: int
    message: str
    span: tuple[int, int] | None
    where: tuple[str, ...]
    note: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """One file of the table."""

    file: Path

    @property
    def topic(self) -> str:
        """The folder it lies in."""
        return self.file.parent.name

    @property
    def is_run(self) -> bool:
        """Whether the file is run; otherwise its kernel is only compiled."""
        return self.file.is_relative_to(RUN)

    @property
    def text(self) -> str:
        """The file as it is."""
        return self.file.read_text()

    @property
    def rule(self) -> str:
        """The sentence that the mistake offends."""
        return (ast.get_docstring(ast.parse(self.text)) or "").partition("\n")[0]

    @property
    def way_out(self) -> str | None:
        """How to do it right, where the error does not say so."""
        return next(iter(self._comments("way out")), None)

    @property
    def environment(self) -> Mapping[str, str]:
        """Environment variables to set around the run."""
        return dict(entry.split("=") for entry in self._comments("environment"))

    @property
    def expected(self) -> Expected:
        """What its comments say."""
        lines = self.text.splitlines()
        line = next(k for k, content in enumerate(lines) if "# error: " in content)
        carets = re.fullmatch(r"#\s+(\^+)", lines[line + 1]) if line + 1 < len(lines) else None
        return Expected(
            next(iter(self._comments("class")), "CompileError"),
            line + 1,
            lines[line].partition("# error: ")[2],
            carets and carets.span(1),
            tuple(self._comments("where")),
            next(iter(self._comments("note")), None),
        )

    @property
    def shown(self) -> str:
        """The program without docstring and comments, as the page shows it."""
        _, _, code = self.text.removeprefix('"""').partition('"""')
        kept = []
        for line in code.splitlines():
            if _COMMENT.match(line) or re.fullmatch(r"#\s+\^+", line):
                continue
            kept.append(re.sub(r"\s+# error: .*", "", line))
        return re.sub(r"\n{3,}", "\n\n\n", "\n".join(kept)).strip() + "\n"

    def error(self) -> tw.Error:
        """The error of the file."""
        return self._error_of(self.text, str(self.file))

    def message_on_the_page(self) -> str:
        """The error of the program as the page shows it, in a file called `example.py`."""
        return str(self._error_of(self.shown, "example.py"))

    def found(self, error: tw.Error) -> Expected:
        """What an error says, for comparison with what was expected."""
        message, _, note = str(error).partition("\nnote: ")
        location = getattr(error, "location", None)
        if location is None:
            frames = traceback.extract_tb(error.__traceback__)
            line = next(f.lineno or 0 for f in reversed(frames) if f.filename == str(self.file))
            message = message.removeprefix("error: ")
            return Expected(type(error).__name__, line, message, None, (), note or None)
        text: str = error.message  # type: ignore[attr-defined]
        return Expected(
            type(error).__name__,
            location.line,
            self._by_name(text),
            self._span(location),
            tuple(self._by_name(f"{p}: {what}") for p, what in getattr(error, "origins", ()) or ()),
            error.note and error.note.replace(f"{TESTS.parent}/", ""),  # type: ignore[attr-defined]
        )

    def rewritten(self) -> str:
        """The file with the comments that its error wants; what stood there must be read again."""
        kept = [
            re.sub(r"\s+# error: .*", "", line)
            for line in self.text.splitlines()
            if not _FROM_THE_ERROR.match(line) and not re.fullmatch(r"#\s+\^+", line)
        ]
        text = "\n".join(kept)
        for _ in range(2):  # once more: the comments move lines that the message may name
            text = _annotated(kept, self.found(self._error_of(text, str(self.file))))
        return text

    def frames_of_ours(self, error: tw.Error) -> list[str]:
        """The frames that a user should not see in the traceback."""
        frames = traceback.extract_tb(error.__traceback__)
        return [
            f"{f.filename}:{f.lineno}"
            for f in frames
            if f.filename.startswith(_OURS) and not f.filename.startswith(str(TESTS))
        ]

    def _comments(self, name: str) -> list[str]:
        return re.findall(rf"^# {name}: (.*)$", self.text, re.MULTILINE)

    def _error_of(self, text: str, name: str) -> tw.Error:
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        code = compile(text, name, "exec")
        names: dict[str, Any]
        if self.is_run:
            names = {"np": np, "tw": tw, "__name__": self.file.stem}
            with patch.dict(os.environ, self.environment):
                return _raised(lambda: exec(code, names))
        names = {"tw": language, "__name__": self.file.stem}

        def compile_kernel() -> None:
            exec(code, names)
            signature = next(iter(self._comments("signature")), "")
            lowered(names["kernel"], signature)

        return _raised(compile_kernel)

    def _by_name(self, text: str) -> str:
        return text.replace(f"{self.file}:", f"{self.file.name}:")

    def _span(self, location: Location) -> tuple[int, int] | None:
        if location.column < 2:  # no room for carets behind the comment's sign
            return None
        source = self.text.splitlines()[location.line - 1].partition("  # error: ")[0]
        return location.column, min(location.end_column, len(source))


def cases(folder: Path) -> list[Case]:
    """The files of a table, topic by topic."""
    return [Case(file) for file in sorted(folder.glob("*/*.py"))]


def names_of(found: Iterable[Case]) -> list[str]:
    """What cases are called among tests."""
    return [f"{case.topic}-{case.file.stem}" for case in found]


def _annotated(lines: Sequence[str], found: Expected) -> str:
    """A program with the comments that its error wants."""
    comments = [f"# where: {what}" for what in found.where]
    comments += [] if found.note is None else [f"# note: {found.note}"]
    if found.span is not None:
        start, end = found.span
        comments.insert(0, f"#{' ' * (start - 1)}{'^' * (end - start)}")
    marked = f"{lines[found.line - 1]}  # error: {found.message}"
    return "\n".join([*lines[: found.line - 1], marked, *comments, *lines[found.line :], ""])


def _raised(body: Any) -> tw.Error:
    try:
        body()
    except tw.Error as error:
        return error
    raise AssertionError("the program is accepted")
