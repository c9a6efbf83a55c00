"""LANGUAGE.md, section 6, group order: `sort`, `topk`, `histogram`, `gather` as one writes them."""

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
FLOATS = (np.float16, ml_dtypes.bfloat16, np.float32, np.float64)
DTYPES = (np.bool_, np.int8, np.uint16, np.int32, np.uint64, *FLOATS)


def sorts(x, up, down, order, M: tw.constexpr, N: tw.constexpr, AXIS: tw.constexpr):
    v = x[0:M, 0:N]
    up[0:M, 0:N] = tw.sort(v, AXIS)
    down[0:M, 0:N] = v.sort(AXIS, descending=True)
    order[0:M, 0:N] = np.argsort(v, axis=AXIS)


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("dtype", DTYPES)
def test_sorts_are_numpys_and_argsort_is_stable(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, dtype: Any, axis: int
) -> None:
    x = rng.integers(0, 2 if dtype is np.bool_ else 20, (11, 45)).astype(dtype)
    up, down = guarded(x.shape, dtype), guarded(x.shape, dtype)
    order = guarded(x.shape, np.int32)
    launch(sorts, x, up, down, order, M=11, N=45, AXIS=axis)
    wide = x.astype(np.float64)
    np.testing.assert_array_equal(up.astype(np.float64), np.sort(wide, axis))
    np.testing.assert_array_equal(down.astype(np.float64), -np.sort(-wide, axis))
    np.testing.assert_array_equal(order, np.argsort(wide, axis, kind="stable"))


@pytest.mark.parametrize("dtype", FLOATS)
def test_nan_is_last_and_zeros_are_equal(
    launch: Launch, rng: np.random.Generator, dtype: Any
) -> None:
    x = rng.choice([0.0, -0.0, np.nan, np.inf, -np.inf, 1.0], (6, 30)).astype(dtype)
    up, down, order = np.empty_like(x), np.empty_like(x), np.empty(x.shape, np.int32)
    launch(sorts, x, up, down, order, M=6, N=30, AXIS=1)
    wide = x.astype(np.float64)
    expected = np.argsort(wide, 1, kind="stable")
    np.testing.assert_array_equal(order, expected)
    for found, places in ((up, expected), (down, np.argsort(-wide, 1, kind="stable"))):
        wanted = np.take_along_axis(wide, places, 1)
        np.testing.assert_array_equal(found.astype(np.float64), wanted)
        np.testing.assert_array_equal(
            np.signbit(found.astype(np.float64))[wanted == 0], np.signbit(wanted)[wanted == 0]
        )


def flat(x, out, order):
    v = x[0:5, 0:7]
    out[0:35] = tw.sort(v, None)
    order[0:35] = tw.argsort(v, axis=None, descending=True)


def test_without_an_axis_the_flat_tile_is_sorted(launch: Launch, rng: np.random.Generator) -> None:
    x = rng.permutation(35).reshape(5, 7).astype(np.int64)
    out, order = np.empty(35, np.int64), np.empty(35, np.int32)
    launch(flat, x, out, order)
    assert out.tolist() == list(range(35))
    np.testing.assert_array_equal(x.reshape(-1)[order], np.arange(35)[::-1])


def best(x, values, places, N: tw.constexpr, K: tw.constexpr):
    v, i = x[0:3, 0:N].topk(K)
    values[0:3, 0:K] = v
    places[0:3, 0:K] = i


@pytest.mark.parametrize("k", [1, 2, 7, 16, 33])
@pytest.mark.parametrize("n", [33, 64, 1000])
def test_topk(launch: Launch, guarded: Guarded, rng: np.random.Generator, n: int, k: int) -> None:
    """The largest first, of equals the one that stands first."""
    x = rng.integers(-20, 20, (3, n)).astype(np.float32)
    values, places = guarded((3, k), np.float32), guarded((3, k), np.int32)
    launch(best, x, values, places, N=n, K=k)
    expected = np.argsort(-x, 1, kind="stable")[:, :k]
    np.testing.assert_array_equal(places, expected)
    np.testing.assert_array_equal(values, np.take_along_axis(x, expected, 1))


def counts(x, out, N: tw.constexpr, BINS: tw.constexpr):
    out[0:BINS] = tw.histogram(x[0:N], BINS)


@pytest.mark.parametrize("bins", [1, 16, 300])
def test_histogram_ignores_what_is_outside(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, bins: int
) -> None:
    x = rng.integers(-30, 400, 2000)
    out = guarded(bins, np.int32)
    launch(counts, x, out, N=2000, BINS=bins)
    assert out.tolist() == [int((x == n).sum()) for n in range(bins)]


def taken(x, at, out, one):
    out[0:4, 0:9] = tw.gather(x[0:4, 0:6], at[0:4, 0:9], 1)
    one[0:6] = np.take_along_axis(x[0:4, 0:6], tw.zeros((1, 6), tw.i32) + 2, 0)[0]


def test_gather(launch: Launch, guarded: Guarded, rng: np.random.Generator) -> None:
    """Where a place lies outside, below 0 too, there is 0; the other axes broadcast."""
    x = rng.standard_normal((4, 6))
    at = rng.integers(-3, 9, (4, 9))
    out, one = guarded((4, 9), np.float64), guarded(6, np.float64)
    launch(taken, x, at, out, one)
    inside = (at >= 0) & (at < 6)
    found = np.take_along_axis(x, np.where(inside, at, 0), 1)
    np.testing.assert_array_equal(out, np.where(inside, found, 0))
    np.testing.assert_array_equal(one, x[2])


def in_a_loop(x, out, ROUNDS: tw.constexpr):
    v = x[0:50]
    for k in range(ROUNDS):
        if k % 2 == 0:
            v = tw.sort(v, descending=True) + 1.0
        else:
            v = tw.gather(v, (tw.arange(50) * 7 + 1) % 50)
    out[0:50] = v


def test_under_scalar_control_flow(launch: Launch, rng: np.random.Generator) -> None:
    x = rng.standard_normal(50).astype(np.float32)
    out = np.empty_like(x)
    launch(in_a_loop, x, out, ROUNDS=5)
    for k in range(5):
        x = np.sort(x)[::-1] + np.float32(1) if k % 2 == 0 else x[(np.arange(50) * 7 + 1) % 50]
    np.testing.assert_array_equal(out, x)


# --- along an axis whose elements lie apart -------------------------------------------------------


def sorts_of_columns(x, down, turned, order, N: tw.constexpr, M: tw.constexpr):
    v = x[0:N, 0:M]
    down[0:N, 0:M] = tw.sort(v, 0)
    turned[0:M, 0:N] = tw.sort(v, 1, descending=True).T
    order[0:N, 0:M] = tw.argsort(v, 0)


@pytest.mark.parametrize(("rows", "columns"), [(17, 3), (5, 2), (64, 1), (3, 17), (40, 9)])
@pytest.mark.parametrize("kind", [np.int8, np.int32, np.float64])
def test_sorts_of_few_columns(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, rows: int, columns: int, kind: Any
) -> None:
    x = guarded(rng.integers(-9, 9, (rows, columns)).astype(kind))
    down, turned = guarded((rows, columns), kind), guarded((columns, rows), kind)
    order = guarded((rows, columns), np.int32)
    launch(sorts_of_columns, x, down, turned, order, N=rows, M=columns)
    assert np.sort(x, 0).tolist() == down.tolist()
    assert np.sort(x, 1)[:, ::-1].T.tolist() == turned.tolist()
    assert np.argsort(x, 0, kind="stable").tolist() == order.tolist()
