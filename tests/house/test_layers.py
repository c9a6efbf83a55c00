"""The arrows between the layers point downwards, and every import can be seen."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from .tree import ROOT, Import, Source, imports, names_used, sources

# What each layer may import of the others. The face may import everything.
ARROWS = {
    "dsl": ("tilewright.dsl",),
    "codegen": (
        "tilewright.codegen", "tilewright.dsl.ir", "tilewright.dsl.types", "tilewright.dsl.errors",
        "tilewright.dsl.records",
    ),
    "runtime": (
        "tilewright.runtime", "tilewright.codegen", "tilewright.dsl", "tilewright._native",
    ),
    "tilewright": ("tilewright",),
}  # fmt: skip

# Third-party packages, and the places that may import them.
GUESTS = {
    "numpy": ("dsl/interpreter/", "runtime/", "tilewright/"),
    "lark": ("dsl/ir/parse.py",),
    "llvmlite": ("codegen/cpu/",),
    "ml_dtypes": ("dsl/interpreter/", "runtime/"),
    "PIL": ("tilewright/demo.py",),
}

LATE_LOADING = ("tilewright/__init__.py", "tilewright/__main__.py", "codegen/backends.py")
ENVIRONMENT = "runtime/settings.py"


def test_arrows_point_downwards() -> None:
    bad = [
        f"{source.name}:{one.line}: {one.module}"
        for source, one in _all_imports()
        if one.is_ours and not one.module.startswith(ARROWS[source.layer])
    ]
    assert bad == []


def test_imports_are_relative_inside_a_layer_and_absolute_across() -> None:
    bad = [
        f"{source.name}:{one.line}: {one.module}"
        for source, one in _all_imports()
        if one.is_ours and one.module != "tilewright"  # the demonstration, as its users write
        if one.is_relative != _stays_home(one, source)
    ]
    assert bad == []


def test_own_modules_are_imported_at_the_top() -> None:
    bad = [
        f"{source.name}:{one.line}: {one.module}"
        for source, one in _all_imports()
        if one.is_ours and one.nested and source.name not in LATE_LOADING
    ]
    assert bad == []


def test_nothing_is_loaded_by_name() -> None:
    words = {"import_module", "__import__", "TYPE_CHECKING"}
    assert _files_that_use(words) - set(LATE_LOADING) == set()


def test_guests_stay_where_they_are_invited() -> None:
    bad = []
    for source, one in _all_imports():
        root = one.module.split(".")[0]
        if one.is_ours or root in sys.stdlib_module_names:
            continue
        if not source.name.startswith(GUESTS.get(root, ())):
            bad.append(f"{source.name}:{one.line}: {root}")
    assert bad == []


@pytest.mark.parametrize("name", ["codegen/artifact.py", "dsl/records.py"])
def test_what_a_machine_without_compiler_reads_needs_the_standard_library_only(name: str) -> None:
    source = next(source for source in sources() if source.name == name)
    modules = {one.module for one in imports(source)}
    records = {name for name in modules if name.startswith("tilewright.dsl.records.")}
    roots = {name.split(".")[0] for name in modules - records}
    assert roots - sys.stdlib_module_names == set()


def test_environment_variables_are_read_in_one_file() -> None:
    assert _files_that_use({"environ", "getenv", "environb", "putenv"}) == {ENVIRONMENT}


def test_native_code_reads_no_environment_variables() -> None:
    files = [path for kind in ("*.h", "*.cpp") for path in (ROOT / "native").rglob(kind)]
    assert [path.name for path in files if "getenv" in path.read_text()] == []


def test_only_the_bindings_see_python() -> None:
    bad = [
        path.relative_to(ROOT).as_posix()
        for kind in ("*.h", "*.cpp")
        for path in (ROOT / "native").rglob(kind)
        if "bindings" not in path.parts
        and any(word in path.read_text() for word in ("<Python.h>", "pybind11/", "numpy/"))
    ]
    assert bad == []


def test_the_tree_parses_and_no_layer_is_missing() -> None:
    assert {source.layer for source in sources()} == set(ARROWS)


def _all_imports() -> Iterator[tuple[Source, Import]]:
    for source in sources():
        for one in imports(source):
            yield source, one


def _files_that_use(names: set[str]) -> set[str]:
    return {source.name for source in sources() if names_used(source.tree) & names}


def _stays_home(one: Import, source: Source) -> bool:
    if source.layer == "tilewright":  # the face's own files, not the layers below it
        below = ("tilewright.dsl", "tilewright.codegen", "tilewright.runtime")
        return not one.module.startswith(below)
    home = f"tilewright.{source.layer}"
    return one.module == home or one.module.startswith(f"{home}.")
