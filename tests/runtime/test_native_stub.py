"""The type stub of the native module names exactly what the module has."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

from tilewright import _native

STUB = Path(__file__).parents[2] / "tilewright" / "_native.pyi"


def _declared(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    found: dict[str, ast.stmt] = {}
    for statement in body:
        match statement:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                found[name] = statement
            case ast.AnnAssign(target=ast.Name(id=name)):
                found[name] = statement
    return {name: one for name, one in found.items() if not name.startswith("_")}


def _public(names: list[str]) -> set[str]:
    return {name for name in names if not name.startswith("_")}


def test_the_stub_has_the_module_s_names():
    declared = _declared(ast.parse(STUB.read_text()).body)
    assert set(declared) == _public(dir(_native))
    for name, one in declared.items():
        if isinstance(one, ast.ClassDef):
            methods = _public(list(_declared(one.body)))
            assert methods == _public(dir(getattr(_native, name))), name


def test_everything_has_a_docstring():
    for name in _public(dir(_native)) - {"REQUIRED"}:
        assert inspect.getdoc(getattr(_native, name)), name
