"""Calls that must be refused and kernels that must fail, and the page that lists all errors."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import tilewright as tw

from .error_table import RUN, Case, cases, names_of

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tools"))

from write_errors import PAGE, page_with  # noqa: E402

CASES = cases(RUN)
# One frame each, of modules that know nothing of the extension which drops the others.
SHOWN = {"stage_of_another_target", "func_called_on_the_host", "kernel_function_on_the_host"}


@tw.kernel
def double(x, out):
    i = tw.arange(8)
    out[i] = 2 * x[i]


@pytest.mark.parametrize("case", CASES, ids=names_of(CASES))
def test_a_mistake_is_named_and_does_no_harm(case: Case, rng: np.random.Generator) -> None:
    error = case.error()
    assert case.found(error) == case.expected
    assert len(case.frames_of_ours(error)) == (case.file.stem in SHOWN)
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    x, out = rng.random(8, np.float32), np.full(8, np.nan, np.float32)
    double[1](x, out)
    np.testing.assert_array_equal(out, 2 * x)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.topic == "debug"], ids=lambda case: case.file.stem
)
def test_the_interpreter_finds_what_compiled_code_finds(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "1")
    found, expected = case.found(case.error()), case.expected
    assert (found.kind, found.line, found.span) == (expected.kind, expected.line, expected.span)
    assert found.message == expected.message


@pytest.mark.parametrize("case", CASES, ids=names_of(CASES))
def test_an_error_says_the_way_out(case: Case) -> None:
    assert case.rule.endswith(".")
    assert (case.expected.note is None) != (case.way_out is None)


def test_the_page_of_errors_is_up_to_date() -> None:
    page = PAGE.read_text()
    assert page == page_with(page), "run tools/write_errors.py"
