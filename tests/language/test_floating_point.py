"""Section 3 of LANGUAGE.md: contraction, denormals, division, square roots, `fastmath`."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Array = NDArray[Any]
Launch = Callable[..., None]


def multiply_add(x, y, z, out, N: tw.constexpr):
    a, b, c = x[0:N], y[0:N], z[0:N]
    out[0, 0:N] = a * b + c
    out[1, 0:N] = a * b - c
    out[2, 0:N] = c - a * b


def rounded(value: Fraction) -> float:
    """A fraction to the nearest f32, ties to even; no overflow, no denormals."""
    if value == 0:
        return 0.0
    exponent = 0
    magnitude = abs(value)
    while magnitude >= 2**24:
        magnitude /= 2
        exponent += 1
    while magnitude < 2**23:
        magnitude *= 2
        exponent -= 1
    return float(round(magnitude) * Fraction(2) ** exponent) * (1 if value > 0 else -1)


def cancelling(rng: np.random.Generator, n: int) -> tuple[Array, Array, Array]:
    """Products and what nearly cancels them, where one rounding or two show."""
    a, b = rng.uniform(1, 2, (2, n)).astype(np.float32)
    return a, b, -(a * b)


@pytest.mark.parametrize("n", [1, 7, 16, 37])
def test_without_contraction_each_operation_rounds(mode: str, rng: Any, n: int) -> None:
    a, b, c = cancelling(rng, n)
    out = np.ones((3, n), np.float32)
    tw.kernel(contract=False)(multiply_add)[1](a, b, c, out, N=n)
    assert (a * b + c).tolist() == out[0].tolist()
    assert (a * b - c).tolist() == out[1].tolist()
    assert (c - a * b).tolist() == out[2].tolist()


@pytest.mark.parametrize("n", [1, 7, 16, 37])
def test_contraction_is_one_rounding_and_the_same_for_all_lanes(
    mode: str, rng: Any, n: int
) -> None:
    a, b, c = cancelling(rng, n)
    out = np.ones((3, n), np.float32)
    tw.kernel(multiply_add)[1](a, b, c, out, N=n)
    exact = [Fraction(float(v)) * Fraction(float(w)) for v, w in zip(a, b, strict=True)]
    once = [rounded(p + Fraction(float(w))) for p, w in zip(exact, c, strict=True)]
    twice = (a * b + c).tolist()
    assert out[0].tolist() in (once, twice)


def fused(x, y, z, out, N: tw.constexpr):
    out[0:N] = tw.fma(x[0:N], y[0:N], z[0:N])


def test_fma_is_one_rounding_with_or_without_contraction(mode: str, rng: Any) -> None:
    a, b, c = cancelling(rng, 33)
    exact = [Fraction(float(v)) * Fraction(float(w)) for v, w in zip(a, b, strict=True)]
    once = [rounded(p + Fraction(float(w))) for p, w in zip(exact, c, strict=True)]
    for contract in (True, False):
        out = np.ones(33, np.float32)
        tw.kernel(contract=contract)(fused)[1](a, b, c, out, N=33)
        assert once == out.tolist()


def test_contraction_is_the_same_on_both_targets(
    monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    a, b, c = cancelling(rng, 41)
    found = []
    for interpreted in "01":
        monkeypatch.setenv("TILEWRIGHT_INTERPRET", interpreted)
        out = np.ones((3, 41), np.float32)
        tw.kernel(multiply_add)[1](a, b, c, out, N=41)
        found.append(out.tolist())
    assert found[0] == found[1]


def small(x, y, out, N: tw.constexpr):
    a, b = x[0:N], y[0:N]
    out[0, 0:N] = a + b
    out[1, 0:N] = a * 0.5
    out[2, 0:N] = a - b
    out[3, 0:N] = a / 2
    out[4, 0:N] = tw.sqrt(abs(a))
    out[5, 0:N] = tw.maximum(a, b)
    out[6, 0:N] = -a
    out[7, 0:N] = a


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_denormals_are_kept(launch: Launch, rng: np.random.Generator, dtype: Any) -> None:
    tiny = np.finfo(dtype).smallest_subnormal
    x, y = (rng.integers(-90, 90, (2, 19)).astype(dtype) * tiny).astype(dtype)
    out = np.ones((8, 19), dtype)
    launch(small, x, y, out, N=19)
    half, two = dtype(0.5), dtype(2)
    expected = [
        x + y, x * half, x - y, x / two, np.sqrt(np.abs(x)), np.maximum(x, y), -x, x
    ]  # fmt: skip
    assert np.array(expected, dtype).tolist() == out.tolist()


def quotients(x, y, out, N: tw.constexpr):
    out[0, 0:N] = x[0:N] / y[0:N]
    out[1, 0:N] = tw.sqrt(x[0:N])
    out[2, 0:N] = 1 / y[0:N]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_division_and_square_root_are_correctly_rounded(
    launch: Launch, rng: np.random.Generator, dtype: Any
) -> None:
    n = 501
    x = np.exp(rng.uniform(-80, 80, n)).astype(dtype)
    y = np.exp(rng.uniform(-80, 80, n)).astype(dtype)
    x[:6], y[:6] = [0, 0, 1, np.inf, np.nan, 1], [0, 1, 0, np.inf, 1, np.inf]
    out = np.zeros((3, n), dtype)
    launch(quotients, x, y, out, N=n)
    with np.errstate(all="ignore"):
        expected = [x / y, np.sqrt(x), dtype(1) / y]
    np.testing.assert_array_equal(expected, out)


def signs(x, out, N: tw.constexpr):
    v = x[0:N]
    out[0, 0:N] = -v
    out[1, 0:N] = 0.0 - v
    out[2, 0:N] = v + 0.0
    out[3, 0:N] = v * 0.0
    out[4, 0:N] = v - v
    out[5, 0:N] = abs(v)
    out[6, 0:N] = v * 1
    out[7, 0:N] = v - 0.0
    out[8, 0:N] = v / v
    out[9, 0:N] = v * -1.0


def test_the_sign_of_zero_and_nan_survive_simplification(launch: Launch) -> None:
    x = np.array([0.0, -0.0, 1.5, -1.5, np.inf, -np.inf, np.nan], np.float32)
    out = np.ones((10, 7), np.float32)
    launch(signs, x, out, N=7)
    with np.errstate(all="ignore"):
        zero, one = np.float32(0), np.float32(1)
        expected = np.array(
            [-x, zero - x, x + zero, x * zero, x - x, np.abs(x), x, x - zero, x / x, x * -one]
        )
    np.testing.assert_array_equal(expected, out)
    numbers = ~np.isnan(expected)
    assert np.signbit(expected)[numbers].tolist() == np.signbit(out)[numbers].tolist()


def comparisons(x, y, out, N: tw.constexpr):
    a, b = x[0:N], y[0:N]
    out[0, 0:N] = a < b
    out[1, 0:N] = a <= b
    out[2, 0:N] = a == b
    out[3, 0:N] = a != b
    out[4, 0:N] = a > b
    out[5, 0:N] = a >= b
    out[6, 0:N] = not (a < b)
    out[7, 0:N] = a == a
    out[8, 0:N] = a != a


def test_comparisons_with_nan_are_numpys(launch: Launch) -> None:
    numbers = np.array([0.0, -0.0, 1, np.inf, -np.inf, np.nan], np.float32)
    x, y = (grid.ravel().copy() for grid in np.meshgrid(numbers, numbers))
    n = len(x)
    out = np.zeros((9, n), np.bool_)
    launch(comparisons, x, y, out, N=n)
    expected = [x < y, x <= y, x == y, x != y, x > y, x >= y, ~(x < y), x == x, x != x]
    assert [row.tolist() for row in expected] == out.tolist()


def polynomial(x, out, N: tw.constexpr):
    v = x[0:N]
    out[0:N] = tw.sqrt(v * v + 1.0) / (v + 3.0) + tw.exp(-v) * 0.5


def test_fastmath_stays_close(mode: str, rng: np.random.Generator) -> None:
    x = rng.uniform(0, 4, 77).astype(np.float32)
    out = np.zeros(77, np.float32)
    tw.kernel(fastmath=True)(polynomial)[1](x, out, N=77)
    v = x.astype(np.float64)
    exact = np.sqrt(v * v + 1) / (v + 3) + np.exp(-v) * 0.5
    np.testing.assert_allclose(out, exact, rtol=4e-6)


def body_and_tail(x, out, N: tw.constexpr):
    i = tw.program_id(0) * N + tw.arange(N)
    v = x[i]
    out[i] = tw.exp(v) + tw.sin(v) * tw.log(v * v + 1.0) + v / 3.0


def test_body_tail_and_scalar_code_have_the_same_bits(mode: str) -> None:
    kernel = tw.kernel(body_and_tail)
    found = []
    for n in (1, 3, 8, 16, 17, 64, 200):
        x, out = np.full(200, 0.7361, np.float32), np.zeros(200, np.float32)
        kernel[200 // n + 1](x, out, N=n)
        found.append(set(out.tolist()))
    assert [found[0]] * 7 == found
    assert len(found[0]) == 1
