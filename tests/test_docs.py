"""What the documentation says is so: its code runs, and its tables of examples hold."""

from __future__ import annotations

import linecache
import math
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import tilewright as tw
from tilewright.dsl.builtins import PUBLIC

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = sorted((ROOT / "docs" / "reference").glob("*.md"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADER = "| function | meaning | example | in NumPy |"

# The tiles of the examples, as the first block of the page makes them.
DATA = ("x", "u", "n", "p", "a", "b")
KERNEL = """
@tw.kernel
def example(X, U, N, P, A, B, out):
    x, u, n, p = X[0:8], U[0:8], N[0:8], P[0:8]
    a, b = A[0:4, 0:8], B[0:8, 0:3]
    {store} = {example}
"""


# A heading of the reference, and what stands under it.
SECTION = re.compile(r"^### (.*?)\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_code_on_a_page_runs(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _run_page(page)
    capsys.readouterr()


@pytest.mark.parametrize("page", REFERENCE, ids=name_of)
def test_code_of_the_reference_runs_in_the_interpreter(
    page: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "1")
    _run_page(page)
    capsys.readouterr()


def _run_page(page: Path) -> None:
    text = page.read_text()
    names: dict[str, object] = {}
    for number, block in enumerate(BLOCK.finditer(text)):
        line = text[: block.start(1)].count("\n")
        _run("\n" * line + block[1], f"{page}:{number}", names)


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_builtin_has_an_example_in_the_reference(name: str) -> None:
    sections = [found for page in REFERENCE for found in SECTION.findall(page.read_text())]
    code = "".join(body for heading, body in sections if f"`{name}`" in heading)
    found = "".join(block[1] for block in BLOCK.finditer(code))
    assert re.search(rf"\b{name}\(", found), f"no section for `{name}` with an example"
    assert "assert " in found


def test_the_table_of_errors_has_every_math_function() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| ([\d.]+|exact) \|.*?\| ([\d.]+|exact) \|",
        (ROOT / "docs" / "math.md").read_text(),
        re.MULTILINE,
    )
    measured = {name: (single, double) for name, single, double in rows}
    defined = {
        name for name, one in PUBLIC.items() if one.function.__module__.endswith("builtins.math")
    } - {"copysign", "fma", "isnan", "isinf", "isfinite", "popcount", "clz"}
    assert set(measured) == defined and len(defined) > 30
    for single, double in measured.values():
        assert single == "exact" or float(single) <= 2
        assert double == "exact" or float(double) <= 4


def examples() -> list[object]:
    """The rows of the tables whose example is an expression."""
    found = []
    inside = False
    for line in (ROOT / "docs" / "language.md").read_text().splitlines():
        inside = line == HEADER or (inside and line.startswith("|"))
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if inside and len(cells) == 4 and cells[2].startswith("`"):
            example, exact = (cell.strip("`").replace("\\|", "|") for cell in cells[2:])
            found.append(pytest.param(example, exact, id=example))
    return found


@pytest.fixture(scope="module")
def data() -> SimpleNamespace:
    """The tiles that the examples compute with."""
    names: dict[str, object] = {}
    block = BLOCK.search((ROOT / "docs" / "language.md").read_text())
    assert block is not None
    exec(block[1], names)
    return SimpleNamespace(**{name: names[name] for name in DATA})


@pytest.mark.parametrize(("example", "exact"), examples())
def test_an_example_gives_what_numpy_gives(example: str, exact: str, data: SimpleNamespace) -> None:
    expected = np.asarray(eval(exact, {"np": np, "math": math, **vars(data)}))
    index = ", ".join(f"0:{extent}" for extent in expected.shape) or "0"
    names: dict[str, object] = {"tw": tw}
    source = KERNEL.format(store=f"out[{index}]", example=example)
    _run(source, f"<example {example}>", names)
    actual = np.empty(expected.shape or 1, expected.dtype)
    kernel = names["example"]
    kernel[1](*vars(data).values(), actual)  # type: ignore[index]
    actual = actual.reshape(expected.shape)
    if expected.dtype.kind == "f":
        np.testing.assert_allclose(actual, expected, rtol=2e-6, atol=1e-7)
    else:
        np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_names_on_a_page_exist(page: Path) -> None:
    names = set(re.findall(r"\btw\.([A-Za-z]\w*)", page.read_text()))
    if page.name == "limits.md":  # which lists what does not exist yet
        names -= set(re.findall(r"\btw\.(\w+)", page.read_text().split("## Not in")[1]))
    if page.name == "errors.md":  # where names are misspelt on purpose
        names -= {"arrange", "atomic_or"}
    assert {name for name in names if not hasattr(tw, name)} == set()


def _run(source: str, name: str, names: dict[str, object]) -> None:
    # A kernel reads its own source, so the text must be found where Python looks for it.
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec", dont_inherit=True), names)
