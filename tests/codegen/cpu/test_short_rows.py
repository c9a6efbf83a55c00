"""Loops over short rows, which are asked once whether all of them lie inside."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Guarded = Callable[..., NDArray]


@tw.kernel
def shifted(x, y, out, up, left, n, M: tw.constexpr, N: tw.constexpr):
    i, j = tw.program_id(0) * M - up, tw.program_id(1) * N - left
    value = x[i : i + M, j : j + N] + y[j : j + N]
    inside = i + tw.arange(M)[:, None] < n
    tw.store(out, (tw.block(i, M), tw.block(j, N)), value, mask=inside)


@pytest.mark.parametrize("tile", [(4, 8), (7, 33), (16, 64), (3, 128)])
def test_boxes_that_stick_out_on_any_side(
    tile: tuple[int, int], guarded: Guarded, rng: np.random.Generator
) -> None:
    rows, columns = tile
    for _ in range(6):
        m, n = (int(size) for size in rng.integers(1, 80, 2))
        up, left = int(rng.integers(0, rows)), int(rng.integers(0, columns))
        limit = int(rng.integers(0, m + 2))
        x, y = rng.standard_normal((m, n), np.float32), rng.standard_normal(n, np.float32)
        out = guarded((m, n), np.float32)
        out[...] = -7
        grid = tw.cdiv(m + up, rows), tw.cdiv(n + left, columns)
        shifted[grid](x, y, out, up, left, limit, M=rows, N=columns)
        expected = np.full((m, n), -7, np.float32)
        expected[:limit] = x[:limit] + y
        np.testing.assert_array_equal(out, expected)


def test_only_short_rows_have_a_version_of_their_own() -> None:
    arrays = "f32[:, ::1], f32[::1], f32[:, ::1]"
    short, long = (
        shifted.inspect(
            f"{arrays}, i32, i32, i32; disjoint, narrow", M=16, N=n, target="cpu:x86-64-v3"
        ).asm.count("vaddps")
        for n in (64, 128)
    )
    assert short == long + 4  # a vector of four registers that is never masked
