"""What each math function should give, to more digits than its results have, and errors in ulp.

`f32` is compared with `f64` functions, `f64` with the long doubles of NumPy (64 bits of mantissa or
more). NumPy has no erf and no gamma: theirs are series and continued fractions in long double.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Long = np.longdouble
TWO_OVER_ROOT_PI = Long("1.12837916709551257389615890312154517")
PI = Long("3.14159265358979323846264338327950288")
HALF_LOG_TWO_PI = Long("0.918938533204672741780329736405617640")


@dataclass(frozen=True)
class Case:
    """A function, where to look closely at it, and whether its error counts against max(1, |y|)."""

    reference: Callable[..., Array]
    ranges: tuple[tuple[float, float], ...]
    beside_one: bool = False


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^-x)."""
    small = np.exp(-np.abs(x))
    return np.where(x < 0, small, 1) / (1 + small)


def erf(x: Array) -> Array:
    """By a series of positive terms, or 1 - erfc."""
    size = np.minimum(np.abs(x), 30)
    near = size < 2
    return np.copysign(np.where(near, _erf_series(size), 1 - _erfc_fraction(size)), x)


def erfc(x: Array) -> Array:
    """By a continued fraction, or 1 - erf."""
    size = np.minimum(np.abs(x), 150)
    tail = np.where(size < 2, 1 - _erf_series(size), _erfc_fraction(size))
    return np.where(x < 0, 2 - tail, tail)


def _erf_series(a: Array) -> Array:
    """2 / sqrt(pi) e^(-a^2) sum of 2^n a^(2n+1) / (1 3 5 ... (2n+1)) (DLMF 7.6.2)."""
    a = np.minimum(a, 2)
    term = a
    total = term
    for n in range(1, 80):
        term = term * (2 * a * a / (2 * n + 1))
        total = total + term
    return TWO_OVER_ROOT_PI * np.exp(-a * a) * total


def _erfc_fraction(a: Array) -> Array:
    """e^(-a^2) / sqrt(pi) / (a + (1/2) / (a + 1 / (a + (3/2) / ...))) (DLMF 7.9.1)."""
    a = np.maximum(a, 2)
    fraction = a
    for n in range(160, 0, -1):
        fraction = a + Long(n) / 2 / fraction
    # e^(-a^2) by parts: the square of a long double is not exact, that of a few bits is
    coarse = np.round(a * 1024) / 1024
    power = np.exp(-coarse * coarse) * np.exp(-(a - coarse) * (a + coarse))
    return power * TWO_OVER_ROOT_PI / 2 / fraction


def lgamma(x: Array) -> Array:
    """Stirling's series for x + 30, less the logarithm of the product; reflected below 0."""
    size = np.abs(x)
    shifted = np.where(size < 30, size + 30, size)
    product = np.ones_like(size)
    for k in range(30):
        product = product * np.where(size < 30, size + k, 1)
    series = np.zeros_like(size)
    for number in (Long(-3617) / 122400, Long(1) / 156, Long(-691) / 360360, Long(1) / 1188,
                   Long(-1) / 1680, Long(1) / 1260, Long(-1) / 360, Long(1) / 12):  # fmt: skip
        series = series / (shifted * shifted) + number
    positive = (shifted - Long(0.5)) * np.log(shifted) - shifted + HALF_LOG_TWO_PI
    positive = positive + series / shifted - np.log(product)
    nearest = np.round(size)
    sine = np.sin(np.abs(size - nearest) * PI)
    reflected = np.log(PI / (size * sine)) - positive
    pole = (x == 0) | ((x < 0) & (nearest == size)) | np.isinf(x)
    return np.where(pole, np.inf, np.where(x < 0, reflected, positive))


def erfinv(x: Array) -> Array:
    """Halley's method on erf and erfc, from a rough start (Winitzki, 2008)."""
    size = np.abs(x)
    inside = np.where(size < 1, size, 0)
    tail = 1 - inside
    log = np.log(tail * (1 + inside))
    half = 2 / (np.pi * 0.147) + log / 2
    y = np.sqrt(np.maximum(np.sqrt(half * half - log / 0.147) - half, 0))
    for _ in range(3):  # each cubes the error, which begins at 0.002 of the result
        residual = np.where(inside < 0.5, erf(y) - inside, tail - erfc(y))
        step = residual / (TWO_OVER_ROOT_PI * np.exp(-y * y))
        y = y - step / (1 + y * step)
    y = np.where(inside < 1e-30, inside / TWO_OVER_ROOT_PI, y)
    y = np.where(size < 1, y, np.where(size == 1, np.inf, np.nan))
    return np.copysign(y, x)


UNARY = {
    "exp": Case(np.exp, ((-104, 89), (-746, 710), (-1, 1))),
    "exp2": Case(np.exp2, ((-150, 128), (-1075, 1024), (-1, 1))),
    "expm1": Case(np.expm1, ((-2, 2), (-40, 89))),
    "sigmoid": Case(sigmoid, ((-104, 20), (-4, 4))),
    "log": Case(np.log, ((0, 4), (0.5, 2))),
    "log2": Case(np.log2, ((0, 4), (0.5, 2))),
    "log10": Case(np.log10, ((0, 4), (0.5, 2))),
    "log1p": Case(np.log1p, ((-1, 3), (-0.01, 0.01))),
    "rsqrt": Case(lambda x: 1 / np.sqrt(x), ((0, 4),)),
    "cbrt": Case(np.cbrt, ((-8, 8),)),
    "sin": Case(np.sin, ((-7, 7), (-1e5, 1e5))),
    "cos": Case(np.cos, ((-7, 7), (-1e5, 1e5))),
    "tan": Case(np.tan, ((-7, 7), (-1e5, 1e5))),
    "asin": Case(np.arcsin, ((-1, 1), (0.4, 1))),
    "acos": Case(np.arccos, ((-1, 1), (0.4, 1))),
    "atan": Case(np.arctan, ((-4, 4), (-100, 100))),
    "sinh": Case(np.sinh, ((-2, 2), (-90, 90), (-711, 711))),
    "cosh": Case(np.cosh, ((-2, 2), (-90, 90), (-711, 711))),
    "tanh": Case(np.tanh, ((-1, 1), (-10, 10))),
    "asinh": Case(np.arcsinh, ((-2, 2), (-5000, 5000))),
    "acosh": Case(np.arccosh, ((1, 3), (1, 5000))),
    "atanh": Case(np.arctanh, ((-1, 1), (-0.3, 0.3))),
    "erf": Case(erf, ((-4, 4), (-1.2, 1.2))),
    "erfc": Case(erfc, ((-4, 11), (0, 28))),
    "erfinv": Case(erfinv, ((-1, 1), (0.99, 1))),
    "lgamma": Case(lgamma, ((-5, 5), (-30, 30), (0, 4)), beside_one=True),
}
BINARY = {
    "pow": Case(np.power, ((0, 4), (-10, 10))),
    "atan2": Case(np.arctan2, ((-4, 4), (-1e3, 1e3))),
    "hypot": Case(np.hypot, ((-4, 4), (-1e3, 1e3))),
}
# Rounded correctly, or exact.
EXACT = {
    "abs": Case(np.abs, ((-4, 4),)),
    "ceil": Case(np.ceil, ((-4, 4), (-1e5, 1e5))),
    "floor": Case(np.floor, ((-4, 4), (-1e5, 1e5))),
    "round": Case(np.round, ((-4, 4), (-1e5, 1e5))),
    "sqrt": Case(np.sqrt, ((0, 4),)),
    "trunc": Case(np.trunc, ((-4, 4), (-1e5, 1e5))),
}
SPECIAL = (
    0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, -1.5, 2.0, -2.0, 3.0, -3.0, math.inf, -math.inf, math.nan,
    1e-40, -1e-40, 1e30, -1e30, 88.72283, 88.72284, -87.4, -103.97, 709.78, 709.79, -745.1,
)  # fmt: skip


def arguments(
    case: Case, dtype: type[np.floating[Any]], count: int, rng: np.random.Generator
) -> Array:
    """Special values, `count` random bit patterns, and as many numbers in each range."""
    limits = np.finfo(dtype)
    extremes = [limits.max, -limits.max, limits.tiny, limits.smallest_subnormal]
    bits = rng.integers(0, 2 ** (8 * limits.dtype.itemsize), count, dtype=np.uint64)
    patterns = bits.astype(f"u{limits.dtype.itemsize}").view(dtype)
    ranges = [rng.uniform(low, high, count).astype(dtype) for low, high in case.ranges]
    return np.concatenate([np.array(SPECIAL, dtype), np.array(extremes, dtype), patterns, *ranges])


def errors(found: Array, case: Case, *given: Array) -> Array:
    """How far results are from the reference, in units of their last place; infinite where a sign
    of zero, an infinity or a NaN is not as it should be."""
    dtype = found.dtype
    wide = np.float64 if dtype == np.float32 and not case.beside_one else Long
    with np.errstate(all="ignore"):
        exact = case.reference(*(x.astype(wide) for x in given))
        expected = exact.astype(dtype)
        limits = np.finfo(dtype)
        exponent = np.frexp(exact)[1] - limits.nmant - 1
        least = -limits.nmant if case.beside_one else int(np.log2(limits.smallest_subnormal))
        exponent = np.clip(exponent, least, int(limits.maxexp) - limits.nmant - 1)
        # beyond the largest number: as if exponents went on
        beyond = np.where(np.isinf(found), np.copysign(Long(2) ** limits.maxexp, found), found)
        error = np.abs(beyond.astype(Long) - exact) / np.ldexp(Long(1), exponent)
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    same &= (found != 0) | (np.signbit(found) == np.signbit(expected)) | case.beside_one
    plain = np.isfinite(exact) & np.isfinite(error)
    overflow = np.isinf(expected) & np.isinf(found) & same
    error = np.where(plain & ~overflow, error, np.where(same, 0, np.inf))
    wrong_sign = (found == 0) & (expected == 0) & ~same
    return np.where(wrong_sign, np.inf, error).astype(np.float64)
