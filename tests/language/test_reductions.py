"""Section 6 of LANGUAGE.md, groups reduce and scan: dtypes, sizes, axes and reproducibility."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Array = NDArray[Any]
Launch = Callable[..., None]
Guarded = Callable[..., Array]


@tw.func
def add(a, b):
    return a + b


def dtypes(x, out, WIDE: tw.constexpr, SAME: tw.constexpr, MEAN: tw.constexpr):
    v = x[0:6]
    for f in (tw.sum, tw.prod, tw.cumsum, tw.cumprod, tw.cummax, tw.cummin):
        tw.static_assert(f(v, 0).dtype == WIDE)
    tw.static_assert(tw.scan(v, add, 0).dtype == WIDE)
    tw.static_assert(tw.max(v).dtype == SAME)
    tw.static_assert(tw.min(v, 0, keepdims=True).dtype == SAME)
    tw.static_assert(tw.mean(v).dtype == MEAN)
    tw.static_assert(tw.argmax(v).dtype == tw.i32)
    tw.static_assert(tw.any(v).dtype == tw.bool_)
    tw.static_assert(tw.all(v).dtype == tw.bool_)
    out[0] = tw.sum(v)
    out[1] = tw.max(v)
    out[2] = tw.mean(v)


@pytest.mark.parametrize(
    ("dtype", "name", "wide", "mean"),
    [
        (np.bool_, "bool_", "i32", "f32"), (np.int8, "i8", "i32", "f32"),
        (np.uint8, "u8", "u32", "f32"), (np.int16, "i16", "i32", "f32"),
        (np.uint16, "u16", "u32", "f32"), (np.int32, "i32", "i32", "f32"),
        (np.uint32, "u32", "u32", "f32"), (np.int64, "i64", "i64", "f32"),
        (np.uint64, "u64", "u64", "f32"), (np.float16, "f16", "f32", "f32"),
        (ml_dtypes.bfloat16, "bf16", "f32", "f32"), (np.float32, "f32", "f32", "f32"),
        (np.float64, "f64", "f64", "f64"),
    ],
)  # fmt: skip
def test_reductions_and_scans_have_the_dtypes_of_the_page(
    launch: Launch, rng: np.random.Generator, dtype: Any, name: str, wide: str, mean: str
) -> None:
    x, out = rng.integers(0, 2, 6).astype(dtype), np.zeros(3)
    types = {"WIDE": wide, "SAME": name, "MEAN": mean}
    launch(dtypes, x, out, **{key: getattr(tw, value) for key, value in types.items()})
    whole = x.astype(np.float64)
    kind = np.float64 if mean == "f64" else np.float32
    assert whole.sum() == out[0] and whole.max() == out[1]
    assert np.isclose(kind(whole.mean()), out[2], rtol=1e-7)


def all_kinds(x, out, N: tw.constexpr):
    v = x[0:N]
    out[0] = tw.sum(v)
    out[1] = tw.max(v)
    out[2] = tw.min(v)
    out[3] = tw.argmax(v)
    out[4] = tw.argmin(v)
    value, at = tw.max(v, 0, return_index=True)
    out[5] = value * 1000 + at
    out[6] = tw.reduce(v, add, 0)
    out[7] = tw.any(v > 90) + 2 * tw.all(v > -100)


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 64, 65, 127, 1000, 4099])
@pytest.mark.parametrize("dtype", [np.int64, np.float64])
def test_reductions_of_any_size(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, n: int, dtype: Any
) -> None:
    x, out = guarded(rng.integers(-99, 99, n).astype(dtype)), guarded(8, np.int64)
    launch(all_kinds, x, out, N=n)
    expected = [
        x.sum(), x.max(), x.min(), x.argmax(), x.argmin(), x.max() * 1000 + x.argmax(), x.sum(),
        (x > 90).any() + 2 * (x > -100).all(),
    ]  # fmt: skip
    assert [int(v) for v in expected] == out.tolist()


def by_axis(x, out, N: tw.constexpr, M: tw.constexpr):
    v = x[0:N, 0:M]
    out[0, 0:M] = tw.sum(v, 0)
    out[1, 0:N] = tw.sum(v, 1)
    out[2, 0:M] = tw.argmax(v, axis=0)
    out[3, 0:N] = tw.argmin(v, axis=-1)
    out[4, 0:N] = tw.max(v, 1, keepdims=True)[:, 0]
    out[5, 0:M] = tw.cumsum(v, 0)[N - 1]
    out[6, 0:N] = tw.cummin(v, 1)[:, M - 1]
    out[7, 0:M] = tw.sum(v - tw.max(v, (0, 1)), axis=0)


@pytest.mark.parametrize("shape", [(1, 1), (1, 17), (17, 1), (5, 7), (16, 16), (3, 70), (70, 3)])
def test_reductions_along_an_axis(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, shape: tuple[int, int]
) -> None:
    n, m = shape
    x = guarded(rng.integers(-50, 50, shape).astype(np.int32), strides=(1, n + 2))
    out = guarded(np.zeros((8, 70), np.int32))
    launch(by_axis, x, out, N=n, M=m)
    expected = [
        x.sum(0), x.sum(1), x.argmax(0), x.argmin(1), x.max(1), x.sum(0), x.min(1),
        (x - x.max()).sum(0),
    ]  # fmt: skip
    for row, found in zip(expected, out, strict=True):
        assert row.tolist() == found[: len(row)].tolist()


def scanned(x, out, N: tw.constexpr, M: tw.constexpr):
    v = x[0:N, 0:M]
    out[0, 0:N, 0:M] = tw.cumsum(v, 0)
    out[1, 0:N, 0:M] = tw.cumsum(v, axis=-1)
    out[2, 0:N, 0:M] = tw.cummax(v, 1)
    out[3, 0:N, 0:M] = tw.scan(v, add, 0, reverse=True)
    out[4, 0:N, 0:M] = tw.scan(v, add, 1, reverse=True)
    out[5, 0:N, 0:M] = tw.cumprod(v, 0)


@pytest.mark.parametrize("shape", [(1, 1), (1, 33), (33, 1), (7, 19), (16, 64)])
def test_scans_along_an_axis(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, shape: tuple[int, int]
) -> None:
    n, m = shape
    x, out = guarded(rng.integers(-5, 6, shape).astype(np.int32)), guarded((6, n, m), np.int32)
    launch(scanned, x, out, N=n, M=m)
    expected = [
        x.cumsum(0), x.cumsum(1), np.maximum.accumulate(x, 1), x[::-1].cumsum(0)[::-1],
        x[:, ::-1].cumsum(1)[:, ::-1], x.cumprod(0, dtype=np.int32),
    ]  # fmt: skip
    assert [e.tolist() for e in expected] == out.tolist()


def specials(x, out, N: tw.constexpr):
    v = x[0:N]
    out[0] = tw.max(v)
    out[1] = tw.min(v)
    out[2] = tw.argmax(v)
    out[3] = tw.argmin(v)
    out[4] = tw.sum(v)
    out[5] = tw.cummax(v)[N - 1]


@pytest.mark.parametrize("at", [None, 0, 5, 16, 32])
def test_nan_wins_wherever_it_stands(launch: Launch, rng: np.random.Generator, at: Any) -> None:
    x, out = rng.standard_normal(33).astype(np.float32), np.zeros(6)
    x[3], x[4] = np.inf, -np.inf
    if at is not None:
        x[at] = np.nan
    launch(specials, x, out, N=33)
    expected = [x.max(), x.min(), x.argmax(), x.argmin(), np.nan, np.maximum.accumulate(x)[-1]]
    np.testing.assert_array_equal(expected, out)


def summed(x, out, N: tw.constexpr):
    p = tw.program_id(0)
    out[p] = tw.sum(x[p, 0:N])


def test_one_artifact_gives_the_same_bits(mode: str, rng: np.random.Generator) -> None:
    x = np.tile(rng.standard_normal(1000).astype(np.float32), (16, 1))
    kernel = tw.kernel(summed)
    found = set()
    for _ in range(5):
        out = np.zeros(16, np.float32)
        kernel[16](x, out, N=1000)
        found |= set(out.tolist())
    assert len(found) == 1
    np.testing.assert_allclose(found.pop(), x[0].astype(np.float64).sum(), rtol=1e-5, atol=1e-4)
