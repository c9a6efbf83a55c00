"""Reductions that run through several pieces of an array at once: the same results."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Guarded = Callable[..., NDArray]


@tw.kernel
def folded(x, y, out, N: tw.constexpr):
    p = tw.program_id(0)
    v = x[p * N : (p + 1) * N]
    out[p, 0] = tw.sum(v)
    out[p, 1] = tw.max(v)
    out[p, 2] = tw.sum(v * y[p * N : (p + 1) * N])
    i = tw.arange(N)
    out[p, 3] = tw.min(tw.load(x, p * N + i, fill=100, mask=i % 2 == 0))


@pytest.mark.parametrize("dtype", ["i1", "u2", "i4", "i8", "f4", "f8"])
@pytest.mark.parametrize("n", [2047, 2048, 4100, 8191, 16384, 16411, 33000])
def test_sums_and_extremes_of_long_runs(
    guarded: Guarded, rng: np.random.Generator, n: int, dtype: str
) -> None:
    """Three programs, the last with an edge in the middle of its tile or before it."""
    size = int(rng.integers(2 * n + 1, 3 * n + 1))
    x, y = (guarded(rng.integers(0, 7, size).astype(dtype)) for _ in range(2))
    out = guarded((3, 4), np.int64)
    folded[3](x, y, out, N=n)
    for p in range(3):
        v, w = (a[p * n : (p + 1) * n].astype(np.int64) for a in (x, y))
        top = max(v.max(), 0) if v.size < n else v.max()
        least = v[::2].min()
        assert [v.sum(), top, v @ w, least] == out[p].tolist()


def plan_of(kernel: tw.Kernel, signature: str, **constants: int) -> str:
    return str(kernel.inspect(signature, **constants).stages["plan"])


@tw.kernel
def one_sum(x, out, N: tw.constexpr):
    out[0] = tw.sum(x[0:N])


@tw.kernel
def other_loops(x, y, out, N: tw.constexpr):
    out[0:N] = x[0:N] + y[0:N]


def test_only_long_runs_of_reductions_have_segments() -> None:
    contiguous, strided = "f32[::1], f32[::1]", "f32[:], f32[::1]"
    assert "4 segments" in plan_of(one_sum, contiguous, N=8192)
    assert "2 segments" in plan_of(one_sum, contiguous, N=4096)
    assert "segments" not in plan_of(one_sum, contiguous, N=4095)
    assert "segments" not in plan_of(one_sum, strided, N=8192)
    assert "segments" not in plan_of(other_loops, "f32[::1], f32[::1], f32[::1]", N=8192)
