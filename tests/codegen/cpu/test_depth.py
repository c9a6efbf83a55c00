"""Products whose blocks reach beyond the arrays along k: the zeros there are not multiplied."""

from __future__ import annotations

import numpy as np
import pytest

import tilewright as tw


@tw.kernel
def blocked(a, b, out, BK: tw.constexpr, M: tw.constexpr = 7, N: tw.constexpr = 19):
    acc = tw.zeros((M, N), tw.f32)
    for k in range(0, a.shape[1], BK):
        acc += a[0:M, k : k + BK] @ b[k : k + BK, 0:N]
    out[0:M, 0:N] = acc


@tw.kernel
def shifted(a, b, out, first, second, K: tw.constexpr, M: tw.constexpr = 7, N: tw.constexpr = 19):
    out[0:M, 0:N] = a[0:M, first : first + K] @ b[second : second + K, 0:N]


@tw.kernel
def turned(a, b, out, K: tw.constexpr, M: tw.constexpr = 7, N: tw.constexpr = 19):
    out[0:M, 0:N] = a[0:K, 0:M].T @ b[0:N, 0:K].T


def window(x: np.ndarray, first: int, count: int, axis: int) -> np.ndarray:
    """Elements from `first` on, 0 where there are none."""
    moved = np.moveaxis(x, axis, 0)
    found = np.zeros((count, *moved.shape[1:]))
    for k in range(count):
        if 0 <= first + k < len(moved):
            found[k] = moved[first + k]
    return np.moveaxis(found, 0, axis)


@pytest.mark.parametrize("block", [1, 3, 8, 32])
@pytest.mark.parametrize("depth", [0, 1, 5, 8, 31, 32, 33])
def test_the_last_block_may_be_short(rng: np.random.Generator, depth: int, block: int) -> None:
    a, b = rng.random((7, depth), np.float32), rng.random((depth, 19), np.float32)
    out = np.full((7, 19), np.nan, np.float32)
    blocked[1](a, b, out, block)
    np.testing.assert_allclose(out, a.astype(float) @ b, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, np.int32])
@pytest.mark.parametrize(("first", "second"), [(0, 0), (3, 0), (0, 7), (-5, -2), (40, 2), (30, 41)])
def test_operands_that_end_at_different_places(
    rng: np.random.Generator, first: int, second: int, dtype: type
) -> None:
    a, b = (rng.integers(-4, 5, shape).astype(dtype) for shape in ((7, 33), (29, 19)))
    out = np.full((7, 19), 99, np.float32 if dtype is np.float16 else dtype)
    shifted[1](a, b, out, first, second, 16)
    expected = window(a, first, 16, 1) @ window(b, second, 16, 0)
    np.testing.assert_array_equal(out, expected)


def test_zero_times_infinity_is_not_left_out(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = rng.random((7, 9), np.float32), rng.random((30, 19), np.float32)
    b[12, 4], b[29, 5], b[9, 6] = np.inf, np.nan, -np.inf
    results = []
    for where in "01":
        monkeypatch.setenv("TILEWRIGHT_INTERPRET", where)
        out = np.zeros((7, 19), np.float32)
        shifted[1](a, b, out, 0, 0, 32)
        results.append(out)
    assert np.isnan(results[0][:, 4:7]).all()
    np.testing.assert_allclose(*results, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("depth", [1, 4, 11, 16])
def test_transposed_blocks(rng: np.random.Generator, depth: int) -> None:
    a, b = rng.random((depth, 7), np.float32), rng.random((19, depth), np.float32)
    out = np.full((7, 19), np.nan, np.float32)
    turned[1](a, b, out, 16)
    np.testing.assert_allclose(out, a.T.astype(float) @ b.T, rtol=1e-5, atol=1e-6)
