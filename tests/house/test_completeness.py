"""An op is added once, everywhere; so is a builtin."""

from __future__ import annotations

import re

import pytest

from tilewright.codegen.inspect import STAGES
from tilewright.dsl import ir
from tilewright.dsl.builtins import PUBLIC

from .tree import ROOT, names_used, sources

# Ops that a pass has replaced before a plan is made, and the pass.
GONE_BEFORE_EMIT = {
    "Assert": "check_bounds",
    "Break": "mask_lanes",
    "Continue": "mask_lanes",
    "Return": "mask_lanes",
}

BACKENDS = tuple(STAGES)
OPS = sorted(ir.OPS.values(), key=lambda one: one.__name__)


def _used_in(folder: str) -> set[str]:
    found: set[str] = set()
    for source in sources():
        if source.name.startswith(folder):
            found |= names_used(source.tree)
    return found


def test_every_op_says_what_it_means() -> None:
    assert [op.__name__ for op in OPS if not op.__doc__] == []


def test_every_op_has_a_meaning_in_the_interpreter() -> None:
    missing = {op.__name__ for op in OPS} - _used_in("dsl/interpreter/")
    assert missing == set()


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_op_has_a_method_in_the_emitter(backend: str) -> None:
    used = _used_in(f"codegen/{backend}/") | _used_in("codegen/planning/")
    missing = {op.__name__ for op in OPS} - used
    assert missing <= set(GONE_BEFORE_EMIT)


def test_every_builtin_has_a_row_in_the_docs() -> None:
    rows = [
        line.split("|")[1]
        for line in (ROOT / "docs" / "language.md").read_text().splitlines()
        if line.startswith("| `")
    ]
    text = " ".join(rows)
    expected = {f"`tw.{one.signature}`" for one in PUBLIC.values()}
    assert {call for call in expected if call not in text} == set()


def test_every_setting_has_a_row_in_the_docs() -> None:
    settings = (ROOT / "runtime" / "settings.py").read_text()
    page = (ROOT / "docs" / "settings.md").read_text()
    assert set(re.findall(r"TILEWRIGHT_\w+", settings)) == set(
        re.findall(r"^\| `(TILEWRIGHT_\w+)`", page, re.MULTILINE)
    )
