"""The versions of compilers and packages, found without importing them: for the cache key."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from typing import Final

from tilewright import codegen, dsl

VERSION: Final = "0.1.0.dev0"

# What turns a function into bytes; not the frontend, as the key is over the text that it gives.
_SOURCES: Final = ((codegen, ""), (dsl, "ir"), (dsl, "records.py"), (dsl, "types.py"))


@cache
def versions() -> tuple[tuple[str, str], ...]:
    """Our own compiler, (name, version), and its sources."""
    return ("tilewright", VERSION), ("sources", compiler_fingerprint())


def compiler_fingerprint() -> str:
    """A hash over names, sizes and times of the compiler's own files.

    A compiler that is being worked on never gets code of its older self from the cache. Costs half
    a millisecond, as no file is read.
    """
    files = [
        line
        for package, part in _SOURCES
        for folder in package.__path__
        for line in _describe_files(os.path.join(folder, part) if part else folder, part)  # noqa: PTH118
    ]
    return sha256("\n".join(files).encode()).hexdigest()


def installed_version(package: str) -> str:
    """The version of an installed package, by the name of its `dist-info` folder; `?` without one.

    `importlib.metadata` would say the same and take ten milliseconds to import.
    """
    prefix, suffix = f"{package}-", ".dist-info"
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208
        except OSError:
            continue
        found = [name for name in names if name.startswith(prefix) and name.endswith(suffix)]
        if found:
            return " ".join(sorted(name[len(prefix) : -len(suffix)] for name in found))
    return "?"


def _describe_files(path: str, name: str) -> Iterator[str]:
    """A line for a file, or for each file in a folder and below, in an order of its own."""
    if os.path.isfile(path):  # noqa: PTH113
        stat = os.stat(path)  # noqa: PTH116
        yield f"{name} {stat.st_size} {stat.st_mtime_ns}"
        return
    with os.scandir(path) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _describe_files(entry.path, f"{name}/{entry.name}")
        else:
            stat = entry.stat()
            yield f"{name}/{entry.name} {stat.st_size} {stat.st_mtime_ns}"
