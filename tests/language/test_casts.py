"""Section 3 of LANGUAGE.md: casts, storage types, arithmetic of narrow types, wrapping."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest

import tilewright as tw

Launch = Callable[..., None]

NUMPY: dict[str, Any] = {
    "bool_": np.bool_, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64,
    "u8": np.uint8, "u16": np.uint16, "u32": np.uint32, "u64": np.uint64, "f16": np.float16,
    "bf16": ml_dtypes.bfloat16, "f32": np.float32, "f64": np.float64,
    "f8e4m3": ml_dtypes.float8_e4m3fn, "f8e5m2": ml_dtypes.float8_e5m2,
}  # fmt: skip
WIDTH = {name: np.dtype(kind).itemsize * 8 for name, kind in NUMPY.items()}


def cast(x, out, DT: tw.constexpr, N: tw.constexpr):
    v = x[0:N].to(DT)
    tw.static_assert(v.dtype == DT)
    out[0, 0:N] = v
    out[1, 0:N] = x[0:N]


SPECIAL = [0.0, -0.0, 0.49, -0.99, 1.5, -2.5, 127.9, 128, -129, 255.5, 256, 6e4, 1e5, 3e9, -3e9]
SPECIAL += [1e19, 2e19, -1e19, np.inf, -np.inf, np.nan]


@pytest.mark.parametrize("target", ["i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64"])
@pytest.mark.parametrize("source", ["f16", "bf16", "f32", "f64"])
def test_floats_truncate_and_saturate(launch: Launch, source: str, target: str) -> None:
    with np.errstate(all="ignore"):
        x = np.array(SPECIAL).astype(NUMPY[source])
    n = len(x)
    out = np.zeros((2, n), NUMPY[target])
    launch(cast, x, out, DT=getattr(tw, target), N=n)
    info = np.iinfo(NUMPY[target])
    expected = []
    for v in x.astype(np.float64).tolist():
        if v != v:
            expected.append(0)
        elif abs(v) == np.inf:
            expected.append(info.max if v > 0 else info.min)
        else:
            expected.append(min(max(int(v), info.min), info.max))
    assert expected == out[0].tolist()
    assert expected == out[1].tolist()


@pytest.mark.parametrize("target", ["i8", "u8", "i16", "u32", "i64", "u64", "bool_"])
@pytest.mark.parametrize("source", ["bool_", "i8", "u16", "i32", "u32", "i64", "u64"])
def test_integers_wrap(launch: Launch, rng: np.random.Generator, source: str, target: str) -> None:
    if source == "bool_":
        x = rng.integers(0, 2, 17).astype(np.bool_)
    else:
        info = np.iinfo(NUMPY[source])
        x = rng.integers(info.min, info.max, 17, NUMPY[source], endpoint=True)
        x[:4] = [0, 1, info.min, info.max]
    out = np.zeros((2, 17), NUMPY[target])
    launch(cast, x, out, DT=getattr(tw, target), N=17)
    expected = (x != 0) if target == "bool_" else x.astype(NUMPY[target])
    assert expected.tolist() == out[0].tolist()
    assert expected.tolist() == out[1].tolist()


NARROW = [0.0, -0.0, 1.0, 1 + 2**-11, 1 + 3 * 2**-11, 2**-25, 2**-24, 1e-7, 5e-5, 65504, 65519]
NARROW += [65520, 448, 464, 465, 480, 1e4, 57344, 61440, 61441, 3.4e38, 2**-9, 2**-10, 3 * 2**-10]
NARROW += [0.1, -0.3, 17.0, 19.0, 2**-17, np.inf, -np.inf, np.nan]


@pytest.mark.parametrize("target", ["f16", "bf16", "f32", "f64", "f8e5m2"])
@pytest.mark.parametrize("source", ["f16", "bf16", "f32", "f64"])
def test_floats_round_to_nearest_even(launch: Launch, source: str, target: str) -> None:
    with np.errstate(all="ignore"):
        x = np.array(NARROW).astype(NUMPY[source])
        x = np.concatenate([x, -x])
        expected = x.astype(np.float64)
        if target == "f16" or target == "f64":
            expected = expected.astype(NUMPY[target])
        else:
            # ml_dtypes goes through f32: round to odd first, so that it rounds only once.
            middle = expected.astype(np.float32)
            inexact = (middle != expected) & np.isfinite(middle)

            down = np.where(
                np.abs(middle) > np.abs(expected), np.nextafter(middle, np.float32(0)), middle
            )
            odd = (down.view(np.int32) | inexact).view(np.float32)
            expected = (middle if target == "f32" else odd).astype(NUMPY[target])
    n = len(x)
    out = np.zeros((2, n), NUMPY[target])
    launch(cast, x, out, DT=getattr(tw, target), N=n)
    np.testing.assert_array_equal(expected.astype(np.float64), out[0].astype(np.float64))
    np.testing.assert_array_equal(expected.astype(np.float64), out[1].astype(np.float64))
    numbers = ~np.isnan(x)
    signs = np.signbit(x.astype(np.float64))[numbers]
    assert signs.tolist() == np.signbit(out[0].astype(np.float64))[numbers].tolist()


def test_f8e4m3_overflows_to_its_largest_value(launch: Launch) -> None:
    x = np.array([448, 449, 464, 465, 480, 1e6, np.inf, -1e6, -np.inf, 20, 0.3, 2**-9, 2**-10])
    x = x.astype(np.float32)
    n = len(x)
    out = np.zeros((2, n), ml_dtypes.float8_e4m3fn)
    launch(cast, x, out, DT=tw.f8e4m3, N=n)
    expected = x.clip(-448, 448).astype(ml_dtypes.float8_e4m3fn).astype(np.float32)
    assert expected.tolist() == out[0].astype(np.float32).tolist()
    assert expected.tolist() == out[1].astype(np.float32).tolist()


@pytest.mark.parametrize("name", ["f8e4m3", "f8e5m2"])
def test_every_f8_pattern_is_read_and_stored(launch: Launch, name: str) -> None:
    x = np.arange(256, dtype=np.uint8).view(NUMPY[name])
    out = np.zeros((2, 256), np.float32)
    launch(cast, x, out, DT=tw.f32, N=256)
    np.testing.assert_array_equal(x.astype(np.float32), out[0])
    back = np.zeros((2, 256), NUMPY[name])
    launch(cast, out[0].copy(), back, DT=getattr(tw, name), N=256)
    finite = np.isfinite(out[0])
    assert x.view(np.uint8)[finite].tolist() == back[0].view(np.uint8)[finite].tolist()
    assert np.isnan(back[0].astype(np.float32)[np.isnan(out[0])]).all()


@pytest.mark.parametrize("name", ["f16", "bf16"])
def test_every_16_bit_pattern_is_read_and_stored(launch: Launch, name: str) -> None:
    x = np.arange(65536, dtype=np.uint16).view(NUMPY[name])
    wide, back = np.zeros((2, 65536), np.float32), np.zeros((2, 65536), NUMPY[name])
    launch(cast, x, wide, DT=tw.f32, N=65536)
    np.testing.assert_array_equal(x.astype(np.float32), wide[0])
    launch(cast, wide[0].copy(), back, DT=getattr(tw, name), N=65536)
    numbers = ~np.isnan(wide[0])
    assert x.view(np.uint16)[numbers].tolist() == back[0].view(np.uint16)[numbers].tolist()


def bf16_arithmetic(x, y, out):
    a, b = x[0:64], y[0:64]
    out[0, 0:64] = a + b
    out[1, 0:64] = a * b
    out[2, 0:64] = a / b
    out[3, 0:64] = a - b


@pytest.mark.parametrize("name", ["f16", "bf16"])
def test_narrow_arithmetic_rounds_once(launch: Launch, rng: np.random.Generator, name: str) -> None:
    x, y = rng.standard_normal((2, 64)).astype(NUMPY[name])
    out = np.zeros((4, 64), NUMPY[name])
    launch(bf16_arithmetic, x, y, out)
    a, b = x.astype(np.float32), y.astype(np.float32)
    expected = [e.astype(NUMPY[name]).astype(np.float32) for e in (a + b, a * b, a / b, a - b)]
    np.testing.assert_array_equal(expected, out.astype(np.float32))


def f8_arithmetic(x, out):
    v = x[0:16]
    tw.static_assert((v + v).dtype == tw.f32)
    tw.static_assert((-v).dtype == tw.f32)
    tw.static_assert(tw.exp(v).dtype == tw.f32)
    out[0:16] = v * v + 0.25


@pytest.mark.parametrize("name", ["f8e4m3", "f8e5m2"])
def test_f8_becomes_f32_in_arithmetic(launch: Launch, rng: np.random.Generator, name: str) -> None:
    x, out = rng.standard_normal(16).astype(NUMPY[name]), np.zeros(16, np.float32)
    launch(f8_arithmetic, x, out)
    wide = x.astype(np.float32)
    assert (wide * wide + np.float32(0.25)).tolist() == out.tolist()


def scalar_casts(n, x, out):
    out[0] = n.to(tw.i8)
    out[1] = x.to(tw.i32)
    out[2] = int(x)
    out[3] = float(n)
    out[4] = bool(n)
    out[5] = n.to(tw.bool_)


def test_scalars_cast_as_tiles_do(launch: Launch) -> None:
    out = np.zeros(6, np.float64)
    launch(scalar_casts, 300, -2.75, out)
    assert out.tolist() == [44, -2, -2, 300, 1, 1]


def wrapping(x, out):
    v = x[0:4]
    out[0, 0:4] = v + 1
    out[1, 0:4] = v * v
    out[2, 0:4] = -v
    out[3, 0:4] = abs(v)
    out[4, 0:4] = ~v


@pytest.mark.parametrize("name", ["i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64"])
def test_integer_arithmetic_wraps(launch: Launch, name: str) -> None:
    info = np.iinfo(NUMPY[name])
    x = np.array([info.min, info.max, 1, info.max // 2 + 1], NUMPY[name])
    out = np.zeros((5, 4), NUMPY[name])
    launch(wrapping, x, out)
    with np.errstate(over="ignore"):
        expected = [x + x.dtype.type(1), x * x, -x, np.abs(x), ~x]
    assert [row.tolist() for row in expected] == out.tolist()
