"""Every op and every kind of one has a row in this suite."""

from __future__ import annotations

import re
from pathlib import Path

from tilewright.dsl import ir
from tilewright.dsl.ir import ops
from tilewright.dsl.types import DTYPES

from . import elementwise, test_reductions
from .data import NUMPY


def test_every_dtype_has_data() -> None:
    assert set(NUMPY) == set(DTYPES)


def test_every_kind_has_a_row() -> None:
    unary = ops.BASIC_UNARY + ops.FLOAT_TESTS + ops.MATH_UNARY
    kinds = unary + ops.BASIC_BINARY + ops.MATH_BINARY
    tested = {*elementwise.UNARY, *elementwise.BINARY, *elementwise.ELSEWHERE}
    assert tested == set(kinds)
    assert elementwise.COMPARISONS == ops.COMPARISONS
    assert tuple(test_reductions.REDUCTIONS) == ops.REDUCTIONS
    assert tuple(test_reductions.ARG_REDUCTIONS) == ops.ARG_REDUCTIONS
    assert tuple(test_reductions.SCANS) == ops.SCANS


def test_every_op_is_built() -> None:
    sources = "".join(path.read_text() for path in Path(__file__).parent.glob("*.py"))
    built = set(re.findall(r"\bir\.(\w+)\b", sources))  # by a builder, or in a text
    written = set(re.findall(r"= (\w+) ", sources))
    missing = [op.__name__ for op in ir.OPS.values() if op.opname not in written]
    assert set(missing) - built == set()
