"""Kernels that must be rejected, each with the error that says so."""

from __future__ import annotations

import pytest

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
