"""Every `.ir` file here: a pass, its input, `; gives`, its output; `--update` rewrites the outputs.

A file holds one case or several, each beginning with `; run: <passes>`; what stands before the
function of a case says what it shows.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from tilewright.codegen.passes import run_passes
from tilewright.dsl import ir
from tilewright.dsl.ir.parse import parse_function

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*/*.ir"))


def find_pass(name: str) -> Callable[[ir.Function], ir.Function]:
    """The pass that lives in the file of its name."""
    found: Callable[[ir.Function], ir.Function] = getattr(
        import_module(f"tilewright.codegen.passes.{name}"), name
    )
    return found


def rewritten(text: str) -> str:
    """The text with the outputs that the passes give now."""
    cases = text.split("; run: ")
    for k, case in enumerate(cases[1:], 1):
        first, rest = case.split("\n", 1)
        given = rest.split("; gives\n")[0].rstrip("\n")
        passes = tuple(find_pass(name.strip()) for name in first.split(","))
        result = run_passes(parse_function(given + "\n"), passes, _ignore, check=True)
        cases[k] = f"{first}\n{given}\n\n; gives\n\n{result}"
        cases[k] += "\n" if k < len(cases) - 1 else ""
    return "; run: ".join(cases)


def _ignore(stage: str, product: object, seconds: float) -> None:
    """Observe nothing."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_pass_gives_the_text_in_its_file(path: Path, request: pytest.FixtureRequest) -> None:
    expected = path.read_text()
    actual = rewritten(expected)
    if request.config.getoption("--update"):
        path.write_text(actual)
        return
    assert expected == actual


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_pass_gives_the_same_object_when_there_is_nothing_left_to_do(path: Path) -> None:
    for case in path.read_text().split("; run: ")[1:]:
        first, rest = case.split("\n", 1)
        function = parse_function(rest.split("; gives\n")[1].strip("\n") + "\n")
        if first != "mask_lanes":  # which is asked for once, on what the frontend gives
            assert find_pass(first)(function) is function


def test_an_illegal_result_is_blamed_on_its_pass() -> None:
    function = parse_function("function f() {\n  %0: f32 = const 1.0\n  return\n}\n")

    def spoil(given: ir.Function) -> ir.Function:
        return given.with_body(ir.Block((), given.body.ops[:-1]))

    with pytest.raises(AssertionError, match="after spoil"):
        run_passes(function, (spoil,), _ignore, check=True)
