"""Kernels that must be rejected: one mistake a file in `errors/`, with the error as a comment.

`# error: text` stands on the line of the mistake and is the message; carets in a comment below it
are the span that is marked; `# note: text` is the way out. `# signature: types` are the parameters.
In a message, another place in the file is named by the file's name alone.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tilewright.dsl.errors import CompileError

from .frontend.language import lowered, tw

FILES = sorted((Path(__file__).parent / "errors").glob("*.py"))


class Expected(NamedTuple):
    """What a file says about its error."""

    line: int
    message: str
    span: tuple[int, int]
    note: str | None


def read_expectation(text: str) -> Expected:
    """The comments of a file."""
    lines = text.splitlines()
    line = next(k for k, content in enumerate(lines) if "# error: " in content)
    message = lines[line].partition("# error: ")[2]
    carets = re.search(r"\^+", lines[line + 1])
    assert carets is not None, "no carets below the error"
    note = re.search(r"# note: (.*)", text)
    return Expected(line + 1, message, carets.span(), note and note.group(1))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_mistake_is_reported_where_it_stands(file: Path) -> None:
    text = file.read_text()
    signature = re.search(r"^# signature: (.*)$", text, re.MULTILINE)
    assert signature is not None
    names: dict[str, Any] = {"tw": tw, "__name__": file.stem}
    exec(compile(text, str(file), "exec"), names)
    with pytest.raises(CompileError) as caught:
        lowered(names["kernel"], signature.group(1))
    error = caught.value
    assert error.location is not None
    source = text.splitlines()[error.location.line - 1]
    code = source.partition("  # error: ")[0]
    found = Expected(
        error.location.line,
        error.message.replace(f"{file}:", f"{file.name}:"),
        (error.location.column, min(error.location.end_column, len(code))),
        error.note,
    )
    assert found == read_expectation(text)


def test_every_file_makes_one_mistake() -> None:
    assert len(FILES) > 40
    for file in FILES:
        assert file.read_text().count("# error: ") == 1, file.name
