"""Kernels that must be rejected, each with the error that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tilewright.dsl.errors import Location, show_source

from ..error_table import COMPILED, Case, cases, names_of

CASES = cases(COMPILED)


@pytest.mark.parametrize("case", CASES, ids=names_of(CASES))
def test_a_mistake_is_reported_where_it_stands(case: Case) -> None:
    assert case.found(case.error()) == case.expected


@pytest.mark.parametrize("case", CASES, ids=names_of(CASES))
def test_an_error_says_the_way_out(case: Case) -> None:
    assert case.rule.endswith(".")
    assert (case.expected.note is None) != (case.way_out is None)


def test_every_file_makes_one_mistake() -> None:
    assert len(CASES) > 100
    for case in CASES:
        assert case.text.count("# error: ") == 1, case.file.name


def test_the_caret_stands_under_the_culprit_behind_tabs(tmp_path: Path) -> None:
    """Whatever the width of a tab is where it is shown."""
    file = tmp_path / "tabs.py"
    file.write_text("if 1:\n\tout[0]\t=\tnothing + 1\n")
    shown = show_source(Location(str(file), 2, 10, 17))
    assert shown == ["    2 | \tout[0]\t=\tnothing + 1", "      | \t      \t \t^~~~~~~"]
