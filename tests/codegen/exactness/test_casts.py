"""Casts round once, to nearest even, whatever lies between the two dtypes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

ml_dtypes = pytest.importorskip("ml_dtypes")
Data = NDArray[Any]
STORAGE = {
    "f16": np.float16, "bf16": ml_dtypes.bfloat16, "f8e4m3": ml_dtypes.float8_e4m3fn,
    "f8e5m2": ml_dtypes.float8_e5m2,
}  # fmt: skip


@tw.kernel
def convert(x, out, DTYPE: tw.constexpr, BLOCK: tw.constexpr):
    """`out = x` in another dtype."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = x[i].to(DTYPE)


def cast(x: Data, name: str, storage: Any) -> Data:
    out = np.empty(len(x), storage)
    convert[tw.cdiv(len(x), 256)](x, out, DTYPE=getattr(tw, name), BLOCK=256)
    return out


def every_value(name: str) -> Data:
    bits = 16 if name in ("f16", "bf16") else 8
    return np.arange(1 << bits).astype(f"u{bits // 8}").view(STORAGE[name])


def widened(x: Data) -> Data:
    with np.errstate(invalid="ignore"):  # signalling NaN
        return x.astype(np.float64)


def nearest(x: Data, name: str) -> Data:
    """What is nearest to `f64` or long double numbers, found among all values; ties to even."""
    values = widened(every_value(name))
    ladder = np.unique(np.abs(values[np.isfinite(values)]))
    largest = ladder[-1]
    ladder = np.append(ladder, 2 * largest - ladder[-2])
    size = np.abs(x)
    below = np.clip(np.searchsorted(ladder, size, side="right") - 1, 0, len(ladder) - 2)
    low, high = ladder[below], ladder[below + 1]
    up = (size - low > high - size) | ((size - low == high - size) & (below % 2 == 1))
    found = np.where(up | (size >= ladder[-1]), high, low)
    found = np.where(
        (found > largest) | np.isinf(x), largest if name == "f8e4m3" else np.inf, found
    )
    found = np.where(size >= ladder[-1], largest if name == "f8e4m3" else np.inf, found)
    return np.where(np.isnan(x), np.nan, np.copysign(found, x)).astype(np.float64)


def hard_numbers(name: str, rng: np.random.Generator) -> Data:
    """All values, the middles between them, the neighbours of both, and random numbers."""
    values = widened(every_value(name))
    ladder = np.unique(values[np.isfinite(values)])
    middles = (ladder[1:] + ladder[:-1]) / 2
    exact = np.concatenate([values, middles])
    with np.errstate(all="ignore"):
        near = [np.nextafter(exact, -np.inf), np.nextafter(exact, np.inf)]
        random = np.ldexp(rng.standard_normal(5000), rng.integers(-160, 140, 5000))
    return np.concatenate([exact, *near, random, [np.inf, -np.inf, np.nan]])


@pytest.mark.parametrize("name", STORAGE)
@pytest.mark.parametrize("source", [np.float32, np.float64], ids=["f32", "f64"])
def test_to_narrow_floats(name: str, source: Any, rng: np.random.Generator) -> None:
    with np.errstate(all="ignore"):
        x = hard_numbers(name, rng).astype(source)
        actual = cast(x, name, STORAGE[name]).astype(np.float64)
        np.testing.assert_array_equal(actual, nearest(x.astype(np.float64), name))


@pytest.mark.parametrize("name", STORAGE)
def test_from_narrow_floats(name: str) -> None:
    x = every_value(name)
    wide = widened(x)
    np.testing.assert_array_equal(cast(x, "f32", np.float32), wide)
    np.testing.assert_array_equal(cast(x, "f64", np.float64), wide)
    np.testing.assert_array_equal(cast(x, "bool_", np.bool_), wide != 0)
    limits = np.iinfo(np.int32)
    whole = np.trunc(np.clip(np.nan_to_num(wide), limits.min, limits.max))
    np.testing.assert_array_equal(cast(x, "i32", np.int32), whole)


@pytest.mark.parametrize("name", STORAGE)
@pytest.mark.parametrize("source", ["i16", "u16", "i32", "u32", "i64", "u64"])
def test_integers_to_narrow_floats(name: str, source: str, rng: np.random.Generator) -> None:
    dtype = np.dtype(source[0] + str(int(source[1:]) // 8))
    limits = np.iinfo(dtype)
    top = int(limits.max).bit_length()
    x = rng.integers(limits.min, limits.max, 4000, dtype, endpoint=True)
    x = x >> rng.integers(0, top, 4000).astype(dtype)
    shifts = rng.integers(0, top - 9, 1000).astype(dtype)
    ties = rng.integers(1 << 8, 1 << 9, 1000).astype(dtype) << shifts
    x = np.concatenate([x, ties, ties + dtype.type(1), ties - dtype.type(1)])
    actual = cast(x, name, STORAGE[name]).astype(np.float64)
    np.testing.assert_array_equal(actual, nearest(x.astype(np.longdouble), name))


@pytest.mark.parametrize("source", [np.float32, np.float64], ids=["f32", "f64"])
@pytest.mark.parametrize("target", ["i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64"])
def test_to_integers_saturates(source: Any, target: str, rng: np.random.Generator) -> None:
    dtype = np.dtype(target[0] + str(int(target[1:]) // 8))
    x = np.ldexp(rng.standard_normal(4000), rng.integers(-4, 70, 4000)).astype(source)
    x = np.concatenate([x, np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 0.99, -0.99], source)])
    limits = np.iinfo(dtype)
    expected = [
        0 if v != v else limits.max if v > limits.max else limits.min if v < limits.min else int(v)
        for v in x.tolist()
    ]
    np.testing.assert_array_equal(cast(x, target, dtype), np.array(expected, dtype))
