"""The source tree as the laws see it: files, their layers, their imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("tilewright", "runtime", "codegen", "dsl")


@dataclass(frozen=True)
class Source:
    """One Python file of the package. `layer` is its top folder, `module` its import name."""

    path: Path
    layer: str
    module: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The path below the root, as it is written in tables of exceptions."""
        return self.path.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Import:
    """One imported name, made absolute; `nested` says it stands inside a function or an if."""

    module: str
    line: int
    nested: bool
    is_relative: bool

    @property
    def is_ours(self) -> bool:
        """Whether a module of this package is imported."""
        return self.module.split(".")[0] == "tilewright"


@cache
def sources() -> tuple[Source, ...]:
    """All Python files of the package."""
    return tuple(
        _read(path, layer) for layer in LAYERS for path in sorted((ROOT / layer).rglob("*.py"))
    )


def imports(source: Source) -> Iterator[Import]:
    """Every import of a file, wherever it stands; `from a import b` gives `a.b`."""
    outer = set(map(id, source.tree.body))
    for node in ast.walk(source.tree):
        nested = id(node) not in outer
        match node:
            case ast.Import(names):
                for name in names:
                    yield Import(name.name, node.lineno, nested, is_relative=False)
            case ast.ImportFrom(module, names, level):
                base = _resolve(source, module, level)
                for name in names:
                    yield Import(f"{base}.{name.name}", node.lineno, nested, is_relative=level > 0)


def names_used(tree: ast.AST) -> set[str]:
    """Every identifier and attribute that occurs in a tree."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(name) | ast.Attribute(attr=name):
                found.add(name)
    return found


def _read(path: Path, layer: str) -> Source:
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = parts if layer == "tilewright" else ("tilewright", *parts)
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Source(path, layer, module, ast.parse(path.read_text(), str(path)))


def _resolve(source: Source, module: str | None, level: int) -> str:
    if level == 0:
        return module or ""
    package = source.module.split(".")
    if source.path.stem != "__init__":
        package = package[:-1]
    package = package[: len(package) - level + 1]
    return ".".join([*package, *([module] if module else [])])
