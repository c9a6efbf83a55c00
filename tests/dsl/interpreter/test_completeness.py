"""Every op and every kind has a meaning."""

from __future__ import annotations

from tilewright.dsl import ir
from tilewright.dsl.interpreter import arithmetic, reductions
from tilewright.dsl.interpreter.run import RULES
from tilewright.dsl.ir import ops


def test_every_op_has_a_rule() -> None:
    assert set(RULES) == set(ir.OPS.values())


def test_every_kind_has_a_row() -> None:
    tables = (arithmetic.BASIC_UNARY, arithmetic.FLOAT_TESTS, arithmetic.MATH_UNARY)
    assert [tuple(table) for table in tables] == [ops.BASIC_UNARY, ops.FLOAT_TESTS, ops.MATH_UNARY]
    assert tuple(arithmetic.BASIC_BINARY) == ops.BASIC_BINARY
    assert tuple(arithmetic.MATH_BINARY) == ops.MATH_BINARY
    assert tuple(arithmetic.COMPARISONS) == ops.COMPARISONS
    assert tuple(reductions.REDUCTIONS) == ops.REDUCTIONS
    assert tuple(reductions.SCANS) == ops.SCANS
