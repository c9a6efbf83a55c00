"""The device code that emitted text stands on: of the files here, the declarations a text uses.

A file is a topic: declarations with an empty line between, a comment above each. What a text does
not use, by name and through what it uses, is not pasted in front of it: NVRTC reads less, and so
does whoever looks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Set
from functools import cache
from typing import Final

from tilewright.dsl.records import record

_FOLDER: Final = os.path.dirname(__file__)  # noqa: PTH120 -- `pathlib` loads slowly
_SUFFIX: Final = ".cuh"
# Topics in the order in which they are pasted: each before those that need it.
NEEDS: Final = re.compile(r"^// needs: (.*)$", re.MULTILINE)
WORD: Final = re.compile(r"[A-Za-z_]\w*")
NO_CODE: Final = re.compile(r"//[^\n]*|\"[^\"\n]*\"")  # comments and strings
# What stands before the name that is declared: of types, of constants and of functions.
DECLARED: Final = re.compile(
    r"^(?:(?:struct|enum class)(?: alignas\([^{]*\))? (\w+)"
    r"|using (\w+) ="
    r"|typedef [\w ]+ (\w+);"
    r"|inline constexpr \w+ (\w+)"
    r"|(?:static )?__device__ [^(;=]*?(\w+)\("
    r"|#define (\w+))",
    re.MULTILINE,
)


@record
class Declaration:
    """A few lines of a topic, the names they declare and all names in them."""

    text: str
    names: frozenset[str]
    words: frozenset[str]


def prelude_of(text: str | Set[str]) -> str:
    """The declarations that a text, or some names, stand on; other names are ignored."""
    names = WORD.findall(NO_CODE.sub("", text)) if isinstance(text, str) else text
    wanted, left = set(), set(names)
    owners = _owners()
    while left:
        for declaration in owners.get(left.pop(), ()):
            if declaration not in wanted:
                wanted.add(declaration)
                left |= declaration.words
    used = [one.text for topic in topics() for one in declarations(topic) if one in wanted]
    return "\n\n".join(used) + "\n" if used else ""


def defined_names() -> frozenset[str]:
    """Every name that a topic declares: no text may give one of them another meaning."""
    return frozenset(_owners())


@cache
def topics() -> tuple[str, ...]:
    """The names of the topics, each after those that it needs."""
    ordered: dict[str, None] = {}
    for name in sorted(os.listdir(_FOLDER)):  # noqa: PTH208
        if name.endswith(_SUFFIX):
            _place(name[: -len(_SUFFIX)], ordered)
    return tuple(ordered)


def _place(topic: str, ordered: dict[str, None]) -> None:
    needs = NEEDS.search(_text(topic))
    for other in needs[1].split() if needs else ():
        if other not in ordered:
            _place(other, ordered)
    ordered[topic] = None


@cache
def declarations(topic: str) -> tuple[Declaration, ...]:
    """The declarations of a topic in their order."""
    made = []
    for text in re.split(r"\n\n(?=\S)", _text(topic).strip()):
        code = NO_CODE.sub("", text)
        names = frozenset(found[found.lastindex or 0] for found in DECLARED.finditer(code))
        if names:
            made.append(Declaration(text, names, frozenset(WORD.findall(code))))
    return tuple(made)


@cache
def _owners() -> dict[str, tuple[Declaration, ...]]:
    owners: dict[str, tuple[Declaration, ...]] = {}
    for topic in topics():
        for declaration in declarations(topic):
            for name in declaration.names:
                owners[name] = (*owners.get(name, ()), declaration)
    return owners


@cache
def _text(topic: str) -> str:
    with open(f"{_FOLDER}/{topic}{_SUFFIX}") as file:  # noqa: PTH123
        return file.read()
