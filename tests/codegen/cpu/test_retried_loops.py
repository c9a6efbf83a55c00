"""Loops that sum up reciprocal roots without tests, and again for the lanes where that failed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Guarded = Callable[..., NDArray]
BODIES = 37


@tw.kernel
def pulls(x, y, mass, fx, fy, eps, N: tw.constexpr):
    i = tw.arange(N)
    xi, yi = x[i], y[i]
    sx, sy = tw.zeros(N), tw.zeros(N)
    for j in range(mass.shape[0]):
        dx, dy = x[j] - xi, y[j] - yi
        near = tw.rsqrt(dx * dx + (dy * dy + eps))
        sx += mass[j] * near * dx
        sy -= near * dy
    fx[i], fy[i] = sx, sy


@tw.kernel
def roots(x, out, N: tw.constexpr):
    i = tw.arange(N)
    total = tw.zeros(N)
    for j in range(x.shape[0]):
        total += tw.rsqrt(x[j, i])
    out[i] = total


def sums(x: NDArray, y: NDArray, mass: NDArray, eps: float) -> tuple[NDArray, NDArray]:
    """What `pulls` gives, its sums in double precision."""
    with np.errstate(all="ignore"):
        dx, dy = x[None] - x[:, None], y[None] - y[:, None]
        inner = (dy.astype(np.float64) ** 2 + np.float32(eps)).astype(np.float32)
        square = (dx.astype(np.float64) ** 2 + inner).astype(np.float32)
        near = 1 / np.sqrt(square.astype(np.float64))
        return (mass * near * dx).sum(1), (-near * dy).sum(1)


@pytest.mark.parametrize(
    "place", [None, 1e-22, 1e-30, 3e19, np.inf, -np.inf, np.nan], ids=lambda value: str(value)
)
@pytest.mark.parametrize("eps", [1e-3, 0.0, 1e-39, -1e-3])
def test_lanes_whose_sums_failed_are_run_again(
    guarded: Guarded, rng: np.random.Generator, place: float | None, eps: float
) -> None:
    """One body that makes distances unusual for all, for some, or for none."""
    x, y, mass = (guarded(rng.normal(0, 1, BODIES).astype(np.float32)) for _ in range(3))
    if place is not None:
        x[5], y[5] = place, place
        x[20], y[20] = 0, 0
    fx, fy = guarded((2, BODIES), np.float32)
    pulls[1](x, y, mass, fx, fy, eps, N=BODIES)
    for found, expected in zip((fx, fy), sums(x, y, mass, eps), strict=True):
        known = np.isfinite(expected)
        np.testing.assert_array_equal(np.isfinite(found), known)
        largest = np.abs(expected[known]).max(initial=1)
        np.testing.assert_allclose(found[known], expected[known], 1e-5, 1e-6 * largest)


SPECIAL = (0.0, -0.0, 1e-45, 1e-40, 2.0**-126, np.float32(3.4e38), np.inf, -1.0, -np.inf, np.nan)


@pytest.mark.parametrize("special", SPECIAL)
def test_a_single_special_root(guarded: Guarded, rng: np.random.Generator, special: float) -> None:
    x = guarded(rng.uniform(0.5, 2, (9, BODIES)).astype(np.float32))
    x[4, 7] = special
    out = guarded((BODIES,), np.float32)
    roots[1](x, out, N=BODIES)
    with np.errstate(all="ignore"):
        expected = (1 / np.sqrt(x.astype(np.float64))).sum(0)
    np.testing.assert_allclose(out, expected, 1e-6)


@tw.kernel
def mixed(x, total, other, FORM: tw.constexpr, N: tw.constexpr):
    i = tw.arange(N)
    sums, others = tw.zeros(N), tw.zeros(N)
    for j in range(x.shape[0]):
        root = tw.rsqrt(x[j, i])
        sums += root
        if FORM == "reduced":
            others += tw.sum(root)
        else:
            others += tw.flip(root)
    total[i], other[i] = sums, others


@pytest.mark.parametrize("form", ["reduced", "flipped"])
def test_a_loop_that_mixes_lanes_fails_as_a_whole(
    guarded: Guarded, rng: np.random.Generator, form: str
) -> None:
    """The root of one lane reaches the sums of others, which no test of that lane tells."""
    x = guarded(rng.uniform(0.5, 2, (9, BODIES)).astype(np.float32))
    x[4, 7] = np.inf
    total, other = guarded((2, BODIES), np.float32)
    mixed[1](x, total, other, FORM=form, N=BODIES)
    sums = (1 / np.sqrt(x.astype(np.float64))).sum(0)
    np.testing.assert_allclose(total, sums, 1e-6)
    expected = np.full(BODIES, sums.sum()) if form == "reduced" else sums[::-1]
    np.testing.assert_allclose(other, expected, 1e-6)
