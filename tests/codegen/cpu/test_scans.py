"""Scans run in the loop of what reads them; what reads them elsewhere finds them in memory."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Guarded = Callable[..., NDArray]
ARRAYS = "i32[:, ::1], i32[:, ::1]; narrow, disjoint"


@tw.kernel
def copied(x, out, M: tw.constexpr, N: tw.constexpr):
    out[0:M, 0:N] = tw.cumsum(x[0:M, 0:N], 1)


@tw.kernel
def used_twice(x, out, M: tw.constexpr, N: tw.constexpr):
    v = tw.cumsum(x[0:M, 0:N], 1)
    out[0:M, 0:N] = v * v + tw.sum(v, 1)[:, None]


@tw.kernel
def scanned_twice(x, out, M: tw.constexpr, N: tw.constexpr):
    v = tw.cumsum(tw.cumsum(x[0:M, 0:N], 1), 1)
    out[0:M, 0:N] = tw.cummax(v, 0) - x[0:M, 0:N]


@tw.kernel
def turned(x, out, M: tw.constexpr, N: tw.constexpr):
    v = tw.cumsum(x[0:M, 0:N], 1)
    out[0:M, 0:N] = v + tw.flip(v, 1) + tw.flip(tw.cumsum(tw.flip(v, 1), 1), 1)


@tw.kernel
def down(x, out, M: tw.constexpr, N: tw.constexpr):
    v = tw.cumsum(x[0:M, 0:N], 0)
    out[0:M, 0:N] = v + v[M - 1][None, :]


@tw.kernel
def in_rounds(x, out, M: tw.constexpr, N: tw.constexpr):
    v = x[0:M, 0:N]
    for k in range(3):
        v = tw.cumsum(v, 1) % 100
        if k == 1:
            v = v + 1
    out[0:M, 0:N] = v


@tw.kernel
def masked(x, out, M: tw.constexpr, N: tw.constexpr):
    v = tw.cumsum(x[0:M, 0:N], 1)
    i, j = tw.arange(M)[:, None], tw.arange(N)[None, :]
    tw.store(out, (i, j), v, mask=v % 2 == 0)


@tw.kernel
def onto_itself(x, out, M: tw.constexpr, N: tw.constexpr):
    x[0:M, 0:N] = tw.cumsum(x[0:M, 0:N], 1)
    out[0:M, 0:N] = x[0:M, 0:N] + 1


def _turned(x: NDArray) -> NDArray:
    v = x.cumsum(1)
    return v + v[:, ::-1] + v[:, ::-1].cumsum(1)[:, ::-1]


def _in_rounds(x: NDArray) -> NDArray:
    for k in range(3):
        x = x.cumsum(1) % 100 + (k == 1)
    return x


CASES = {
    copied: lambda x: x.cumsum(1),
    used_twice: lambda x: x.cumsum(1) ** 2 + x.cumsum(1).sum(1)[:, None],
    scanned_twice: lambda x: np.maximum.accumulate(x.cumsum(1).cumsum(1), 0) - x,
    turned: _turned,
    down: lambda x: x.cumsum(0) + x.sum(0),
    in_rounds: _in_rounds,
    masked: lambda x: np.where(x.cumsum(1) % 2 == 0, x.cumsum(1), -1),
    onto_itself: lambda x: x.cumsum(1) + 1,
}


@pytest.mark.parametrize("shape", [(1, 1), (1, 37), (3, 8), (5, 70), (2, 300)])
@pytest.mark.parametrize("kernel", CASES, ids=lambda kernel: kernel.__name__)
def test_what_reads_a_scan(
    rng: np.random.Generator, guarded: Guarded, kernel: tw.Kernel, shape: tuple[int, int]
) -> None:
    before = rng.integers(-9, 9, shape).astype(np.int32)
    x, out = guarded(before), guarded(np.full(shape, -1, np.int32))
    kernel[1](x, out, *shape)
    np.testing.assert_array_equal(out, CASES[kernel](before))
    wanted = before.cumsum(1) if kernel is onto_itself else before
    np.testing.assert_array_equal(x, wanted)


def test_a_scan_that_is_stored_is_not_kept() -> None:
    found = copied.inspect(ARRAYS, M=1, N=100, target="cpu:x86-64-v3")
    assert "tile@" not in found.plan
    assert found.plan.count("loop") == 1
