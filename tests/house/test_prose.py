"""Files say what they are for, public names are documented, and files stay readable."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tilewright.dsl.ir import OPS

from .tree import LAYERS, ROOT, sources

VAGUE = ("utils", "util", "helpers", "helper", "common", "manager", "misc")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
SENTENCE = re.compile(r"[.?:](\s|$)")
MOST_LINES = {"CONTRIBUTING.md": 250} | {
    path.relative_to(ROOT).as_posix(): 60 for path in (ROOT / "examples").glob("*.py")
}


def every_python_file() -> list[Path]:
    folders = (*LAYERS, "tests", "examples", "benchmarks", "docs", "tools")
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "_build" not in path.parts and "errors" not in path.parent.parts
    )


def every_text_file() -> list[Path]:
    native = [path for kind in ("*.h", "*.cpp") for path in (ROOT / "native").rglob(kind)]
    return every_python_file() + sorted(native)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_every_file_opens_with_a_sentence() -> None:
    bad = []
    for path in every_python_file():
        docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
        if not SENTENCE.search(docstring.split("\n\n")[0]):
            bad.append(name_of(path))
    assert bad == []


def test_every_header_opens_with_a_sentence() -> None:
    headers = [path for path in every_text_file() if path.suffix == ".h"]
    assert [name_of(path) for path in headers if not SENTENCE.search(_opening(path))] == []


def test_public_names_are_documented() -> None:
    bad = [
        f"{source.name}:{node.lineno}: {name}"
        for source in sources()
        for name, node in _public(source.tree)
        if ast.get_docstring(node) is None
    ]
    assert bad == []


def test_nothing_is_left_for_later() -> None:
    files = [path for path in every_text_file() if path != Path(__file__).resolve()]
    assert [name_of(path) for path in files if UNFINISHED.search(path.read_text())] == []


def test_names_of_files_say_what_is_in_them() -> None:
    assert [name_of(path) for path in every_text_file() if path.stem in VAGUE] == []


@pytest.mark.parametrize("name", MOST_LINES)
def test_what_should_be_short_is(name: str) -> None:
    assert len((ROOT / name).read_text().splitlines()) <= MOST_LINES[name]


def test_the_map_names_what_is_there() -> None:
    named = re.findall(r"`([a-z]+/[\w./]*)`", (ROOT / "CONTRIBUTING.md").read_text())
    assert len(named) > 20
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_map_names_every_folder() -> None:
    rows = re.findall(r"^\| `([a-z/]+)/` \|", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    inside = {source.path.parent.relative_to(ROOT).as_posix() for source in sources()}
    outside = {name_of(path).split("/")[0] for path in every_text_file()}
    assert (inside | outside) - set(rows) == set()


def _opening(header: Path) -> str:
    """The comment at the beginning of a header, before or after `#pragma once`."""
    lines: list[str] = []
    for line in header.read_text().splitlines():
        if line.startswith("//"):
            lines.append(line.lstrip("/ "))
        elif lines or line.strip() not in ("", "#pragma once"):
            break
    return " ".join(lines)


def _public(tree: ast.Module) -> Iterator[tuple[str, ast.ClassDef | ast.FunctionDef]]:
    """Functions and classes of a module, and methods that do not override one of a base class.

    A function `emit_load` is documented by the op `load`.
    """
    for node in tree.body:
        match node:
            case ast.FunctionDef(name) if not name.startswith("_"):
                if not (_is_overload(node) or name.removeprefix("emit_") in OPS):
                    yield name, node
            case ast.ClassDef(name, bases) if not name.startswith("_"):
                yield name, node
                # An override means what its base class says.
                if all(isinstance(base, ast.Name) and base.id == "object" for base in bases):
                    yield from (
                        (f"{name}.{method.name}", method)
                        for method in node.body
                        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_")
                        if not _is_setter(method)
                    )


def _is_overload(function: ast.FunctionDef) -> bool:
    names = [one.id for one in function.decorator_list if isinstance(one, ast.Name)]
    return "overload" in names


def _is_setter(method: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Attribute) for one in method.decorator_list)
