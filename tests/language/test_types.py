"""Section 3 of LANGUAGE.md: operators and casts have the values that the page promises."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Array = NDArray[Any]
Launch = Callable[..., None]


def two(x, y, out, FN: tw.constexpr, N: tw.constexpr):
    out[0:N] = FN(x[0:N], y[0:N])


def one(x, out, FN: tw.constexpr, N: tw.constexpr):
    out[0:N] = FN(x[0:N])


def applied(
    launch: Launch, function: object, dtype: Any, x: Array, y: Array | None = None
) -> Array:
    """What a function gives for whole arrays, stored as `dtype`."""
    out = np.zeros(len(x), dtype)
    if y is None:
        launch(one, x, out, FN=function, N=len(x))
    else:
        launch(two, x, y, out, FN=function, N=len(x))
    return out


def crossed(x: list[Any], y: list[Any], kind: Any, other: Any) -> tuple[Array, Array]:
    """All pairs of two lists of numbers."""
    left, right = np.meshgrid(np.array(x, kind), np.array(y, other))
    return left.ravel().copy(), right.ravel().copy()


@tw.func
def add(x, y):
    return x + y


@tw.func
def subtract(x, y):
    return x - y


@tw.func
def multiply(x, y):
    return x * y


@tw.func
def divide(x, y):
    return x / y


@tw.func
def floor_divide(x, y):
    return x // y


@tw.func
def remainder(x, y):
    return x % y


@tw.func
def shift_left(x, y):
    return x << y


@tw.func
def shift_right(x, y):
    return x >> y


@tw.func
def power(x, y):
    return x**y


INTEGERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]


def samples(dtype: str) -> list[int]:
    info = np.iinfo(dtype)
    near = [0, 1, 2, 3, 7, info.max, info.max - 1, info.min, info.min + 1]
    return near + ([-1, -2, -7] if info.min < 0 else [])


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integer_arithmetic_wraps_and_floors(launch: Launch, dtype: str) -> None:
    x, y = crossed(samples(dtype), samples(dtype), dtype, dtype)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(applied(launch, add, dtype, x, y), x + y)
        np.testing.assert_array_equal(applied(launch, subtract, dtype, x, y), x - y)
        np.testing.assert_array_equal(applied(launch, multiply, dtype, x, y), x * y)
        np.testing.assert_array_equal(applied(launch, floor_divide, dtype, x, y), x // y)
        np.testing.assert_array_equal(applied(launch, remainder, dtype, x, y), x % y)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integer_division_is_a_float(launch: Launch, dtype: str) -> None:
    x, y = crossed(samples(dtype), [v for v in samples(dtype) if v], dtype, dtype)
    kind = np.float64 if np.dtype(dtype).itemsize == 8 else np.float32
    expected = x.astype(kind) / y.astype(kind)
    np.testing.assert_array_equal(applied(launch, divide, np.float64, x, y), expected)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_wide_shifts_give_zero_or_the_sign(launch: Launch, dtype: str) -> None:
    width = np.dtype(dtype).itemsize * 8
    x, y = crossed(samples(dtype), [0, 1, width - 1, width, width + 1, 100], dtype, dtype)
    left = [(int(v) << int(n)) & ((1 << width) - 1) for v, n in zip(x, y, strict=True)]
    right = [int(v) >> int(n) for v, n in zip(x, y, strict=True)]
    expected = np.array(left, f"u{width // 8}").view(dtype)
    np.testing.assert_array_equal(applied(launch, shift_left, dtype, x, y), expected)
    np.testing.assert_array_equal(applied(launch, shift_right, dtype, x, y), right)


@pytest.mark.parametrize("dtype", ["i4", "u1", "i8"])
def test_integer_powers_wrap(launch: Launch, dtype: str) -> None:
    x, y = crossed([0, 1, 2, 3, 5, 10, 100], [0, 1, 2, 3, 7, 40], dtype, dtype)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(applied(launch, power, dtype, x, y), x**y)


@tw.func
def cubed(x):
    return x**3 + x**0 + x**1


@tw.func
def to_the_minus_one(x):
    return x**-1


@tw.func
def rooted(x):
    return x**0.5


def test_constant_powers(launch: Launch, rng: np.random.Generator) -> None:
    x = rng.uniform(0.1, 3, 20).astype(np.float32)
    np.testing.assert_allclose(applied(launch, cubed, "f4", x), x**3 + 1 + x, rtol=1e-6)
    np.testing.assert_array_equal(applied(launch, to_the_minus_one, "f4", x), 1 / x)
    np.testing.assert_array_equal(applied(launch, rooted, "f4", x), np.sqrt(x))
    n = np.arange(-5, 6, dtype=np.int32)
    np.testing.assert_array_equal(applied(launch, cubed, "i4", n), n**3 + 1 + n)


def test_float_division_and_remainder_are_numpys(launch: Launch) -> None:
    numbers = [0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 7.0, 1e10, np.inf, -np.inf, np.nan]
    x, y = crossed(numbers, numbers, np.float32, np.float32)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(applied(launch, divide, "f4", x, y), x / y)
        np.testing.assert_array_equal(applied(launch, floor_divide, "f4", x, y), x // y)
        np.testing.assert_array_equal(applied(launch, remainder, "f4", x, y), x % y)


@pytest.mark.parametrize("name", ["lt", "le", "gt", "ge", "eq", "ne"])
@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("u4", "i4"),
        ("u8", "i8"),
        ("i1", "u8"),
        ("u8", "i4"),
        ("?", "i4"),
        ("?", "u8"),
        ("i8", "u1"),
    ],
)
def test_integers_compare_by_value(launch: Launch, name: str, left: str, right: str) -> None:
    operators = {
        "lt": compare_lt, "le": compare_le, "gt": compare_gt, "ge": compare_ge, "eq": compare_eq,
        "ne": compare_ne,
    }  # fmt: skip
    numbers = [[0, 1] if kind == "?" else samples(kind) for kind in (left, right)]
    x, y = crossed(*numbers, left, right)
    compare = getattr(operator, name)
    expected = [compare(int(v), int(w)) for v, w in zip(x, y, strict=True)]
    np.testing.assert_array_equal(applied(launch, operators[name], "?", x, y), expected)
    np.testing.assert_array_equal(
        applied(launch, operators[name], "?", y, x),
        [compare(int(w), int(v)) for v, w in zip(x, y, strict=True)],
    )


@tw.func
def compare_lt(x, y):
    return x < y


@tw.func
def compare_le(x, y):
    return x <= y


@tw.func
def compare_gt(x, y):
    return x > y


@tw.func
def compare_ge(x, y):
    return x >= y


@tw.func
def compare_eq(x, y):
    return x == y


@tw.func
def compare_ne(x, y):
    return x != y


@pytest.mark.parametrize("number", [-1, 0, 127, 128, 255, 300, 2.5, -0.5, 1e30, np.inf, np.nan])
@pytest.mark.parametrize("dtype", ["i1", "u1", "f4"])
def test_literals_compare_by_value(launch: Launch, dtype: str, number: float) -> None:
    x = np.array([0, 1, 2, 3, 100, 127], dtype)

    @tw.func
    def function(v):
        below, above = v < number, number <= v
        return below * 1 + above * 2 + (v == number) * 4 + (v != number) * 8

    expected = [
        (v < number) * 1 + (number <= v) * 2 + (v == number) * 4 + (v != number) * 8
        for v in x.astype(object)
    ]
    np.testing.assert_array_equal(applied(launch, function, "i4", x), expected)


def test_a_float_beyond_f16_compares_by_value(launch: Launch) -> None:
    x = np.array([0, 65504, np.inf, -np.inf, np.nan], np.float16)

    @tw.func
    def function(v):
        return (v < 1e5) * 1 + (v >= 1e5) * 2 + (v > -1e5) * 4 + (v == 1e5) * 8

    np.testing.assert_array_equal(applied(launch, function, "i4", x), [5, 5, 6, 1, 0])


@tw.func
def mixed(x, y):
    return x * y


def test_an_integer_with_a_float_takes_the_floats_type(launch: Launch) -> None:
    x = np.array([2**24 + 1, 3], np.int32)
    y = np.array([1.0, 0.5], np.float32)
    expected = x.astype(np.float32) * y
    np.testing.assert_array_equal(applied(launch, mixed, np.float64, x, y), expected)


@tw.func
def inverted(x):
    return ~(x > 2) & (x != 0) | (x == 5)


def test_booleans_stay_boolean(launch: Launch) -> None:
    x = np.arange(8, dtype=np.int32)
    expected = ~(x > 2) & (x != 0) | (x == 5)
    np.testing.assert_array_equal(applied(launch, inverted, "?", x), expected)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_floats_become_integers_by_truncation_and_saturation(launch: Launch, dtype: str) -> None:
    info = np.iinfo(dtype)
    x = np.array([0.0, 1.9, -1.9, 100.5, 1e30, -1e30, np.inf, -np.inf, np.nan], np.float32)
    target = getattr(tw, f"{dtype[0]}{8 * np.dtype(dtype).itemsize}")

    @tw.func
    def function(v):
        return v.to(target)

    expected = [
        0
        if v != v
        else min(max(int(v) if abs(v) < 1e20 else np.sign(v) * 10**20, info.min), info.max)
        for v in x.tolist()
    ]
    found = applied(launch, function, dtype, x)
    assert found.tolist() == [int(v) for v in expected]


@tw.func
def as_bool(v):
    return v.to(tw.bool_)


def test_anything_becomes_bool_by_comparison_with_zero(launch: Launch) -> None:
    x = np.array([0.0, -0.0, 0.1, np.nan, -np.inf], np.float32)
    np.testing.assert_array_equal(applied(launch, as_bool, "?", x), x != 0)


def index_rules(out, n, N: tw.constexpr):
    i = tw.program_id(0)
    out[0, 0:N] = (i + n) + tw.arange(N)
    out[1, 0:N] = (i / 2) * 4
    out[2, 0:N] = (i + 1) * tw.full((N,), 2.5)
    out[3, 0:N] = (i - 1) < tw.full((N,), 1, tw.u8)
    tw.static_assert((i + n).dtype == tw.index)
    tw.static_assert((i + tw.arange(N)).dtype == tw.index)
    tw.static_assert((i + n.to(tw.i64)).dtype == tw.i64)
    tw.static_assert((i + n.to(tw.u8)).dtype == tw.u8)
    tw.static_assert((i / 2).dtype == tw.f32)
    tw.static_assert((i * 0.5).dtype == tw.f32)
    tw.static_assert((i * n.to(tw.f16)).dtype == tw.f16)
    tw.static_assert((i // 2).dtype == tw.index)
    tw.static_assert(i.to(tw.i32).dtype == tw.i32)


def test_index_values(launch: Launch) -> None:
    out = np.zeros((4, 8), np.float32)
    launch(index_rules, out, 3, N=8)
    np.testing.assert_array_equal(out[0], np.arange(8) + 3)
    np.testing.assert_array_equal(out[1], 0)
    np.testing.assert_array_equal(out[2], 2.5)
    np.testing.assert_array_equal(out[3], 1)
