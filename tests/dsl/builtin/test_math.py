"""Math functions and choices: the dtypes they give, constants, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.builtins import find_builtin
from tilewright.dsl.errors import CompileError
from tilewright.dsl.ir.ops import MATH_UNARY
from tilewright.dsl.types import (
    Dtype,
    Tile,
    bf16,
    bool_,
    f8e4m3,
    f16,
    f32,
    f64,
    i8,
    i32,
    i64,
    index,
    u8,
    u32,
    u64,
)

from .tracing import Tracing, type_of, value

REAL = (*MATH_UNARY, "sqrt")


@pytest.fixture
def tw() -> Tracing:
    return Tracing()


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        (f16, f16), (bf16, bf16), (f32, f32), (f64, f64), (f8e4m3, f32), (i32, f32), (u8, f32),
        (bool_, f32), (index, f32), (i64, f64), (u64, f64),
    ],
)  # fmt: skip
def test_functions_of_reals(tw: Tracing, name: str, dtype: Dtype, expected: Dtype) -> None:
    assert type_of(tw.call(name, value(dtype, 4))) == Tile(expected, (4,))
    assert tw.ops[-1] == f"unary.{name}"


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc", "round", "abs"])
def test_rounding_keeps_the_dtype(tw: Tracing, name: str) -> None:
    for dtype in (f16, f32, f64, i8, u32, index):
        assert type_of(tw.call(name, value(dtype, 4))) == Tile(dtype, (4,))
    v = value(u32)
    assert tw.call(name, v) is v
    assert tw.call("round", 2.675, 2) == 2.68  # as np.round, which multiplies by 100
    assert tw.call("round", 25, -1) == 20
    with pytest.raises(CompileError, match="round to 39 decimals, expected -38 to 38"):
        tw.call("round", value(f32), 39)
    with pytest.raises(CompileError, match="decimals must be a constant integer"):
        tw.call("round", value(f32), 2.0)


@pytest.mark.parametrize("name", ["isnan", "isinf", "isfinite"])
def test_tests_give_bool(tw: Tracing, name: str) -> None:
    for dtype in (f16, f32, f64, i32, f8e4m3):
        assert type_of(tw.call(name, value(dtype, 4))) == Tile(bool_, (4,))


@pytest.mark.parametrize("name", ["popcount", "clz"])
def test_bits_are_of_integers(tw: Tracing, name: str) -> None:
    for dtype in (i8, u8, i32, u32, i64, u64):
        assert type_of(tw.call(name, value(dtype, 4))) == Tile(dtype, (4,))
    assert type_of(tw.call(name, value(bool_))) == Tile(i32)
    assert type_of(tw.call(name, value(index))) == Tile(i64)
    with pytest.raises(CompileError, match=f"{name} of `v` of type f32, expected an integer"):
        tw.call(name, value(f32, name="v"))


@pytest.mark.parametrize("name", ["exp", "log", "sin", "sqrt", "tanh", "erf", "lgamma"])
def test_constants_are_computed_when_compiling(tw: Tracing, name: str) -> None:
    found = tw.call(name, 0.75)
    assert type(found) is float
    assert found == getattr(math, name)(0.75)
    assert tw.ops == []


@pytest.mark.parametrize(("name", "number"), [("sqrt", -1.0), ("log", 0), ("exp", 1e4)])
def test_where_python_has_no_value_the_op_decides(tw: Tracing, name: str, number: float) -> None:
    assert type_of(tw.call(name, number)) == Tile(f32)


def test_whole_parts_of_constants_are_floats_but_in_math(tw: Tracing) -> None:
    assert type(tw.call("floor", 2.5)) is float
    floor = find_builtin(math.floor)
    assert floor is not None
    assert floor.lower(tw, 2.5) == 2
    assert type(floor.lower(tw, 2.5)) is int
    assert type_of(floor.lower(tw, value(f32))) == Tile(f32)
    assert math.copysign(1, tw.call("round", -0.25)) == -1
    with pytest.raises(CompileError, match=r"`math\.floor` of inf"):
        floor.lower(tw, math.inf)


def test_spellings_of_math(tw: Tracing) -> None:
    log, fabs, power = find_builtin(math.log), find_builtin(np.fabs), find_builtin(math.pow)
    assert log is not None
    assert fabs is not None
    assert power is not None
    assert log.lower(tw, 8, 2) == 3
    assert type_of(log.lower(tw, value(f32), 2)) == Tile(f32)
    assert type_of(fabs.lower(tw, value(i32))) == Tile(f32)
    assert fabs.lower(tw, -3) == 3.0
    assert power.lower(tw, 2, 3) == 8.0
    assert type_of(power.lower(tw, value(i32), 2)) == Tile(f32)


def test_pow(tw: Tracing) -> None:
    assert type_of(tw.call("pow", value(f32, 4), value(f32))) == Tile(f32, (4,))
    assert type_of(tw.call("pow", value(f32), 0.5)) == Tile(f32)
    assert tw.ops[-1] == "binary.pow"
    assert type_of(tw.call("pow", value(i32), 3)) == Tile(i32)


def test_fma(tw: Tracing) -> None:
    assert type_of(tw.call("fma", value(f32, 4), value(f32), 1.0)) == Tile(f32, (4,))
    assert type_of(tw.call("fma", value(i32), value(i32), 1)) == Tile(f32)
    assert isinstance(tw.call("fma", value(f16), value(f16), value(f16)), ir.Fma)


def test_where(tw: Tracing) -> None:
    assert type_of(tw.call("where", value(bool_, 4), value(f32), 0)) == Tile(f32, (4,))
    assert type_of(tw.call("where", value(i32, 4), 1, 0)) == Tile(i32, (4,))
    assert type_of(tw.call("where", True, value(f32, 4), 0)) == Tile(f32, (4,))
    with pytest.raises(CompileError, match="the literal 300 does not fit u8"):
        tw.call("where", value(bool_), value(u8), 300)


def test_clip(tw: Tracing) -> None:
    assert type_of(tw.call("clip", value(f32, 4), 0, 1)) == Tile(f32, (4,))
    assert tw.ops[-1] == "binary.min"
    assert type_of(tw.call("clip", value(i32), None, 5)) == Tile(i32)
    assert type_of(tw.method("clip", value(f32), min=0.0)) == Tile(f32)
    assert tw.call("clip", 5, 0, 3) == 3
    with pytest.raises(CompileError, match="a bound is given twice"):
        tw.call("clip", value(f32), 0, min=1)
    with pytest.raises(CompileError, match="the literal -5 does not fit u8"):
        tw.call("clip", value(u8), -5, 5)
