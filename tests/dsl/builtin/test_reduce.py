"""Reductions and scans: shapes, dtypes, functions of the user."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.builtins import PUBLIC
from tilewright.dsl.builtins.arithmetic import binary
from tilewright.dsl.errors import CompileError
from tilewright.dsl.promotion import accumulator_dtype
from tilewright.dsl.types import (
    DTYPES,
    Dtype,
    Tile,
    bool_,
    f8e4m3,
    f16,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    u8,
    u32,
)

from .tracing import Tracing, type_of, value

AXES = [None, 0, -1, (0, 2), (-1, 0), (0, 1, 2), ()]


@pytest.fixture
def tw() -> Tracing:
    return Tracing()


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", ["sum", "prod", "mean", "max", "min", "any", "all"])
def test_shapes_are_numpys(tw: Tracing, name: str, keepdims: bool, axis: Any) -> None:
    expected = getattr(np, name)(np.ones((2, 3, 4)), axis=axis, keepdims=keepdims).shape
    found = tw.call(name, value(f32, 2, 3, 4), axis, keepdims=keepdims)
    assert found.shape == expected


@pytest.mark.parametrize("dtype", DTYPES)
def test_sums_keep_at_least_32_bits(tw: Tracing, dtype: Dtype) -> None:
    expected = Tile(accumulator_dtype(dtype))
    for name in ("sum", "prod"):
        assert type_of(tw.call(name, value(dtype, 8))) == expected


def test_a_dtype_may_be_asked_for(tw: Tracing) -> None:
    assert type_of(tw.call("sum", value(i32, 8), dtype=i64)) == Tile(i64)
    assert type_of(tw.call("cumsum", value(f32, 8), 0, f64)) == Tile(f64, (8,))
    assert type_of(tw.call("mean", value(i32, 8), dtype=f64)) == Tile(f64)
    with pytest.raises(CompileError) as caught:
        tw.call("sum", value(i32, 8), 0, True)
    assert caught.value.note == "write `keepdims=True`"
    with pytest.raises(CompileError, match="mean in i32, expected a float dtype"):
        tw.call("mean", value(i32, 8), dtype=i32)


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [(f16, f32), (f32, f32), (f64, f64), (i8, f32), (i64, f32), (bool_, f32), (f8e4m3, f32)],
)
def test_means_are_floats(tw: Tracing, dtype: Dtype, expected: Dtype) -> None:
    assert type_of(tw.call("mean", value(dtype, 8))) == Tile(expected)


@pytest.mark.parametrize("name", ["max", "min"])
def test_extremes_keep_the_dtype(tw: Tracing, name: str) -> None:
    for dtype in DTYPES:
        expected = f32 if dtype.is_storage_only else dtype
        assert type_of(tw.call(name, value(dtype, 8))) == Tile(expected)
    assert type_of(tw.call(name, value(f16))) == Tile(f16)


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_positions_are_i32(tw: Tracing, name: str) -> None:
    assert type_of(tw.call(name, value(f16, 2, 3))) == Tile(i32)
    assert type_of(tw.call(name, value(f32, 2, 3), 0)) == Tile(i32, (3,))
    assert type_of(tw.call(name, value(bool_, 2, 3), -1, keepdims=True)) == Tile(i32, (2, 1))
    with pytest.raises(CompileError, match="along several axes, expected one or None"):
        tw.call(name, value(f32, 2, 3), (0, 1))


def test_an_extreme_with_its_position(tw: Tracing) -> None:
    found = tw.call("max", value(f16, 2, 3), 1, return_index=True)
    assert [type_of(part) for part in found] == [Tile(f16, (2,)), Tile(i32, (2,))]
    found = tw.method("min", value(u8, 2, 3), return_index=True, keepdims=True)
    assert [type_of(part) for part in found] == [Tile(u8, (1, 1)), Tile(i32, (1, 1))]


def test_any_and_all_are_bool(tw: Tracing) -> None:
    assert type_of(tw.call("any", value(f32, 4))) == Tile(bool_)
    assert type_of(tw.call("all", value(bool_, 4, 2), 0)) == Tile(bool_, (2,))


def test_a_slip_for_maximum_is_recognised(tw: Tracing) -> None:
    with pytest.raises(CompileError) as caught:
        tw.call("max", value(f32, 4), value(f32, 4, name="y"))
    assert caught.value.message == "axis must be a constant, found `y` of type f32<4>"
    assert caught.value.note == "did you mean `tw.maximum`?"


@pytest.mark.parametrize("axis", [2, -3, (0, 5), (0, 0), (0, -2), 1.5])
def test_wrong_axes_are_refused(tw: Tracing, axis: object) -> None:
    with pytest.raises(CompileError, match=r"ax[ei]s"):
        tw.call("sum", value(f32, 2, 3), axis)


@pytest.mark.parametrize("name", ["cumsum", "cumprod", "cummax", "cummin"])
def test_scans(tw: Tracing, name: str) -> None:
    assert type_of(tw.call(name, value(i8, 8))) == Tile(i32, (8,))
    assert type_of(tw.call(name, value(f16, 2, 3), 1)) == Tile(f32, (2, 3))
    assert type_of(tw.call(name, value(f32, 2, 3))) == Tile(f32, (6,))
    assert type_of(tw.method(name, value(bool_, 8))) == Tile(i32, (8,))


def add(b: ir.Builder, x: object, y: object) -> object:
    """A combination, as a `@tw.func` would be inlined."""
    return binary(b, "add", x, y)


def add_pairs(b: ir.Builder, *parts: object) -> object:
    """A combination of pairs."""
    return add(b, parts[0], parts[2]), add(b, parts[1], parts[3])


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("keepdims", [False, True])
def test_reduce_has_the_shape_of_a_sum(tw: Tracing, axis: Any, keepdims: bool) -> None:
    expected = np.ones((2, 3, 4)).sum(axis=axis, keepdims=keepdims).shape
    found = tw.call("reduce", value(f32, 2, 3, 4), add, axis, keepdims=keepdims)
    assert found.shape == expected


def test_reduce_widens_as_sums_do(tw: Tracing) -> None:
    assert type_of(tw.call("reduce", value(f16, 4), add, 0)) == Tile(f32)
    assert type_of(tw.call("reduce", value(u8, 4), PUBLIC["maximum"], 0)) == Tile(u32)
    assert type_of(tw.call("scan", value(i16, 4), add, 0)) == Tile(i32, (4,))


def test_reduce_takes_tuples(tw: Tracing) -> None:
    parts = value(f32, 2, 3), value(i32, 2, 3)
    found = tw.call("reduce", parts, add_pairs, 1)
    assert [type_of(part) for part in found] == [Tile(f32, (2,)), Tile(i32, (2,))]
    found = tw.call("scan", parts, add_pairs, 1, reverse=True)
    assert [type_of(part) for part in found] == [Tile(f32, (2, 3)), Tile(i32, (2, 3))]


def test_a_combination_must_give_what_it_takes(tw: Tracing) -> None:
    with pytest.raises(CompileError, match="the function gives f32 where it was given i32"):
        tw.call("reduce", value(i32, 4), lambda b, x, y: binary(b, "truediv", x, y), 0)
    with pytest.raises(CompileError, match="the function gives 2 values, expected 1"):
        tw.call("reduce", value(i32, 4), lambda b, x, y: (x, y), 0)
    with pytest.raises(CompileError, match="tiles of different shapes"):
        tw.call("reduce", (value(i32, 4), value(i32, 5)), add_pairs, 0)
    with pytest.raises(CompileError, match="argument `axis` is missing"):
        tw.call("scan", value(i32, 4), add)


def test_a_constant_result_takes_the_dtype(tw: Tracing) -> None:
    assert type_of(tw.call("reduce", value(f64, 4), lambda b, x, y: 0, 0)) == Tile(f64)
