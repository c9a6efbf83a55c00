"""Programs that a hunt on the emulator found, made small: on GPUs each was wrong once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

from ...emulator.launching import launches_emulated

Guarded = Callable[..., NDArray[Any]]

pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")


@pytest.fixture(autouse=True)
def _emulated(program_rng: np.random.Generator) -> Iterator[None]:
    with launches_emulated(seed=int(program_rng.integers(1, 1 << 30))):
        yield


@tw.kernel
def rows_beside_their_columns(x, y, last, wide):
    v, w = x[0:9], y[0:4, 0:9]
    while v < 8.0:
        v = v * 2.0
        w = w + v
    last[0:9] = tw.cumsum(v)
    wide[0:4, 0:9] = w


def test_a_smaller_tile_that_the_lanes_of_a_larger_one_give(
    guarded: Guarded, rng: np.random.Generator
) -> None:
    """It was kept at the coordinates of other axes, and by several threads at a time."""
    x = guarded(rng.integers(1, 20, 9).astype(np.float32))
    y = guarded(rng.integers(-5, 5, (4, 9)).astype(np.float32))
    last, wide = guarded(9), guarded((4, 9))
    rows_beside_their_columns[1](x, y, last, wide)
    v, w = x.copy(), y.copy()
    while (v < 8).any():
        w += np.where(v < 8, v * 2, 0)
        v = np.where(v < 8, v * 2, v)
    np.testing.assert_array_equal(last, v.cumsum())
    np.testing.assert_array_equal(wide, w)


@tw.kernel
def powers_of_an_index(out):
    p = tw.program_id(0)
    out[p] = (p ** (p & 3)).to(tw.i64)


def test_squares_of_an_index_that_nobody_needs(guarded: Guarded) -> None:
    """They overflowed, of which C++ says nothing."""
    out = guarded(9, np.int64)
    powers_of_an_index[9](out)
    assert out.tolist() == [p ** (p & 3) for p in range(9)]


@tw.kernel
def far_numbers(low, high, wide, N: tw.constexpr):
    i = tw.arange(N)
    low[i] = (i + -2147483648).to(tw.f16)
    high[i] = i.to(tw.u32) + 4000000000
    wide[i] = i.to(tw.i64) - 5000000000


def test_numbers_that_begin_at_the_ends_of_a_dtype(guarded: Guarded) -> None:
    """C++ took a literal past 31 bits for a `long`, which is none of the prelude's types."""
    low, high, wide = guarded(9, np.float16), guarded(9, np.uint32), guarded(9, np.int64)
    far_numbers[1](low, high, wide, N=9)
    assert (low == -np.inf).all()
    assert high.tolist() == list(range(4000000000, 4000000009))
    assert wide.tolist() == list(range(-5000000000, -4999999991))


def no_rounds(y, z, out, n):
    i = tw.arange(64)
    v, w = tw.atomic_add(y, i, 1), z[0:64]
    for _ in range(n - 1):
        w = tw.flip(tw.cumsum(w), 0)
    out[0, 0:64], out[1, 0:64] = tw.flip(v, 0), w


def next_round(y, z, out, n):
    i = tw.arange(64)
    w = z[0:64]
    for _ in range(n + 1):
        out[0, i] = y[63 - i]
        y[i] = w
        if n == 1:
            continue
        w = tw.flip(tw.cumsum(w), 0)
    out[1, 0:64] = w


def left_early(y, z, out, n):
    i = tw.arange(64)
    w = z[0:64]
    while w[0] < n + 9:
        y[i] = w
        if n == 1:
            break
        w = tw.flip(tw.cumsum(w), 0)
    out[0, i], out[1, i] = y[63 - i], w


@pytest.mark.parametrize("function", [no_rounds, next_round, left_early])
def test_what_a_loop_leaves_without_its_barriers(
    guarded: Guarded, rng: np.random.Generator, function: Callable[..., None]
) -> None:
    """The barriers of a round counted where it was not run, or was left before them."""
    first, z = rng.integers(0, 9, (2, 64), np.int32)
    out = guarded((2, 64), np.int32)
    tw.kernel(function)[1](guarded(first), guarded(z), out, 1)
    kept = first if function is no_rounds else z
    np.testing.assert_array_equal(out, [kept[::-1], z])


def compared_in_a_region(x, out, N: tw.constexpr):
    p, i = tw.program_id(0), tw.arange(N)
    v = x[0:N]
    while v < 9:
        v = v + 3 // (p + 1).to(tw.i32) + 1
        if i < p ** (p & 3):
            v = v + v // 2
    out[p, 0:N] = v


def test_an_index_that_lanes_compute_is_compared(
    guarded: Guarded, rng: np.random.Generator
) -> None:
    """It was taken for one that is known outside of their region."""
    x, out = guarded(rng.integers(1, 12, 30, np.int32)), guarded((4, 30), np.int32)
    tw.kernel(compared_in_a_region)[4](x, out, N=30)
    for p in range(4):
        v = x.copy()
        while (v < 9).any():
            more = v + 3 // (p + 1) + 1
            more = np.where(np.arange(30) < p ** (p & 3), more + more // 2, more)
            v = np.where(v < 9, more, v)
        np.testing.assert_array_equal(out[p], v)


def rounds_beside_each_other(x, out, n):
    for k in range(n):
        x[k] = x[k + 1] + 1
        x[k + 2] = out[k]


def rounds_that_go_on(x, out, n):
    k = 0
    while k < n:
        k += 1
        x[k] = x[k + 1] + 1
        if k % 3 == 0:
            continue
        x[k + 2] = out[k]


@pytest.mark.parametrize("function", [rounds_beside_each_other, rounds_that_go_on])
def test_elements_that_are_apart_in_a_round_meet_in_the_next(
    guarded: Guarded, rng: np.random.Generator, function: Callable[..., None]
) -> None:
    """There was no barrier: the counter of both rounds was taken for one number."""
    given, more = rng.integers(0, 99, (2, 20), np.int32)
    x = guarded(given)
    tw.kernel(function)[1](x, guarded(more), 16)
    wanted = given.copy()
    for k in range(16):
        here = k if function is rounds_beside_each_other else k + 1
        wanted[here] = wanted[here + 1] + 1
        if function is rounds_beside_each_other or here % 3:
            wanted[here + 2] = more[here]
    np.testing.assert_array_equal(x, wanted)


def chosen_by_rows(a, b, x, out):
    i, h = tw.arange(16), a[0:16, 0:32] @ b[0:32, 0:48]
    most = tw.max(h, axis=1)
    if most > x[i]:
        most = tw.sqrt(most)
    out[0:16, 0:48] = h * most[:, None]


def added_by_rows(a, b, x, out):
    i, h = tw.arange(16), a[0:16, 0:32] @ b[0:32, 0:48]
    old = tw.atomic_add(x, i, tw.max(h, axis=1))
    out[0:16, 0:48] = h * old[:, None]


def stored_by_rows(a, b, x, out):
    i, h = tw.arange(16), a[0:16, 0:32] @ b[0:32, 0:48]
    x[i] = tw.max(h, axis=1)
    most = x[i] * 3.0
    x[i] = most + 1.0
    out[0:16, 0:48] = h * most[:, None] + x[i][:, None]


def counted_by_rows(a, b, x, out):
    i, h = tw.arange(16), a[0:16, 0:32] @ b[0:32, 0:48]
    most = tw.max(h, axis=1)
    while most > 1.0:
        most = most * 0.5
        tw.atomic_add(x, i, 1.0)
    out[0:16, 0:48] = h * most[:, None]


@pytest.mark.parametrize(
    "function", [chosen_by_rows, added_by_rows, stored_by_rows, counted_by_rows]
)
def test_what_is_done_for_each_row_of_a_product(
    guarded: Guarded, rng: np.random.Generator, function: Callable[..., None]
) -> None:
    """All threads of a row have its values, and one of them does what is done once: others want
    what that gives, or read what it writes.
    """
    a, b = (rng.standard_normal(shape).astype(np.float16) for shape in ((16, 32), (32, 48)))
    given = rng.standard_normal(16).astype(np.float32)
    x, out = guarded(given), guarded((16, 48))
    tw.kernel(function)[1](a, b, x, out)
    h = a.astype(np.float64) @ b.astype(np.float64)
    most, left, more = h.max(1), given.astype(np.float64), np.zeros(16)
    if function is chosen_by_rows:
        most = np.where(most > given, np.sqrt(most), most)
    elif function is added_by_rows:
        most, left = left, left + most
    elif function is stored_by_rows:
        most = most * 3
        left = more = most + 1
    else:
        rounds = np.maximum(np.ceil(np.log2(most)), 0)
        most, left = most / 2**rounds, left + rounds
    np.testing.assert_allclose(x, left, 1e-5, 1e-5)
    np.testing.assert_allclose(out, h * most[:, None] + more[:, None], 1e-3, 1e-2)
