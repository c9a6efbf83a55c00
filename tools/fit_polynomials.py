"""Derive the polynomials of codegen/passes/math: a Remez exchange in high precision.

Run `python tools/fit_polynomials.py [name ...]` with mpmath installed. Each row of FITS names a
polynomial as the family files do, the function it approximates and the weight that turns its error
into the relative error of the final result. Printed are the coefficients from the constant one up,
rounded to the dtype one after another, each time fitting the rest again by least squares, and the
largest error that is left.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from struct import pack, unpack

from mpmath import (
    asin,
    atan,
    atanh,
    cos,
    erf,
    erfc,
    exp,
    expm1,
    fdot,
    log,
    log1p,
    loggamma,
    lu_solve,
    matrix,
    mp,
    mpf,
    pi,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)

mp.prec = 240
Real = Callable[[mpf], mpf]


@dataclass(frozen=True)
class Fit:
    """`value(t)` by a polynomial of a degree on [low, high], error times `weight(t)` minimised."""

    name: str
    value: Real
    weight: Real
    low: mpf
    high: mpf
    degree: int
    bits: int


def main(names: Sequence[str]) -> None:
    """Print the fits whose names begin with one of these, or all."""
    for fit in FITS:
        if not names or any(fit.name.startswith(name) for name in names):
            ideal, error, coefficients = solve(fit)
            print(f"{fit.name}: error 2^{_log2(error)}, unrounded 2^{_log2(ideal)}")
            print("    (" + ", ".join(_show(c, fit.bits) for c in coefficients) + ")", flush=True)


def solve(fit: Fit, points: int = 0) -> tuple[mpf, mpf, list[mpf]]:
    """The error before and after rounding, and the rounded coefficients."""
    points = points or 40 * (fit.degree + 2)
    middle, radius = (fit.low + fit.high) / 2, (fit.high - fit.low) / 2
    grid = [middle - radius * cos(pi * (k + mpf(1) / 2) / points) for k in range(points)]
    weights = [abs(fit.weight(t)) for t in grid]
    rest = [fit.value(t) for t in grid]
    powers = [[t**k for t in grid] for k in range(fit.degree + 1)]
    ideal, found = _exchange(rest, weights, powers)
    coefficients: list[mpf] = []
    for first in range(fit.degree + 1):
        if first:
            found = _least_squares(rest, weights, powers[first:])
        coefficients.append(_round(found[0], fit.bits))
        rest = [y - coefficients[-1] * p for y, p in zip(rest, powers[first], strict=True)]
    return ideal, max(abs(w * y) for w, y in zip(weights, rest, strict=True)), coefficients


def _exchange(
    values: list[mpf], weights: list[mpf], powers: list[list[mpf]]
) -> tuple[mpf, list[mpf]]:
    """The best combination of `powers` on the grid, by Remez's exchange of extrema."""
    count, points = len(powers), len(values)
    reference = [round((1 - cos(pi * k / count)) / 2 * (points - 1)) for k in range(count + 1)]
    best: tuple[mpf, list[mpf]] | None = None
    for _ in range(60):
        system, right = matrix(count + 1, count + 1), matrix(count + 1, 1)
        for row, i in enumerate(reference):
            for k in range(count):
                system[row, k] = powers[k][i] * weights[i]
            system[row, count] = (-1) ** row
            right[row] = values[i] * weights[i]
        found = list(lu_solve(system, right))
        level = abs(found.pop())
        errors = [
            weights[i] * (values[i] - fdot(found, [p[i] for p in powers])) for i in range(points)
        ]
        largest = max(abs(e) for e in errors)
        if best is None or largest < best[0]:
            best = largest, found
        extrema = _extrema(errors, count + 1)
        if len(extrema) <= count or extrema == reference or largest < level * mpf("1.001"):
            break
        reference = extrema
    assert best is not None
    return best


def _least_squares(values: list[mpf], weights: list[mpf], powers: list[list[mpf]]) -> list[mpf]:
    """Coefficients of the least sum of squares; on this grid close to the least maximum.

    Once a coefficient is rounded, the error where the others have no say need not alternate, and
    the exchange need not converge.
    """
    rows = [[w * p for w, p in zip(weights, power, strict=True)] for power in powers]
    right = [w * y for w, y in zip(weights, values, strict=True)]
    system = matrix([[fdot(a, b) for b in rows] for a in rows])
    return list(lu_solve(system, matrix([fdot(a, right) for a in rows])))


def _extrema(errors: list[mpf], wanted: int) -> list[int]:
    """The positions of the largest errors of alternating sign."""
    found: list[int] = []
    for i, error in enumerate(errors):
        if found and (errors[found[-1]] > 0) == (error > 0):
            if abs(error) > abs(errors[found[-1]]):
                found[-1] = i
        else:
            found.append(i)
    while len(found) > wanted:
        sizes = [abs(errors[i]) for i in found]
        if len(found) == wanted + 1:
            found.pop(0 if sizes[0] < sizes[-1] else -1)
            continue
        k = min(range(len(found)), key=sizes.__getitem__)
        if k in (0, len(found) - 1):
            found.pop(k)
        else:
            other = k - 1 if sizes[k - 1] < sizes[k + 1] else k + 1
            for position in sorted((k, other), reverse=True):
                found.pop(position)
    return found


def _round(value: mpf, bits: int) -> mpf:
    return mpf(unpack("f", pack("f", float(value)))[0]) if bits == 24 else mpf(float(value))


def _show(value: mpf, bits: int) -> str:
    if bits == 53:
        return repr(float(value))
    for digits in range(6, 10):
        text = f"{float(value):.{digits}g}"
        if mpf(unpack("f", pack("f", float(text)))[0]) == value:
            return text
    return text


def _log2(value: mpf) -> str:
    return f"{float(log(value) / log(2)):.1f}"


def _both(
    name: str, value: Real, weight: Real, low: object, high: object, single: int, double: int
) -> list[Fit]:
    low, high = mpf(low), mpf(high)
    degrees = ((24, single), (53, double))
    return [Fit(f"{name}_{bits}", value, weight, low, high, n, bits) for bits, n in degrees if n]


def _even(function: Real) -> Real:
    """(f(x)/x - 1)/x^2 as a function of x^2."""
    return lambda s: (function(sqrt(s)) / sqrt(s) - 1) / s


def _even_weight(function: Real) -> Real:
    return lambda s: s * sqrt(s) / function(sqrt(s))


def _erfc_scaled(t: mpf, k: int) -> mpf:
    """(1 + 2 a) e^(a^2) erfc(a) for t = (a - k) / (a + k)."""
    a = k * (1 + t) / (1 - t)
    return (1 + 2 * a) * exp(a * a) * erfc(a)


def _erfinv_ratio(w: mpf) -> mpf:
    """erfinv(x) / x for w = -log(1 - x^2), by Newton's method on erfc."""
    x = sqrt(-expm1(-w))
    tail = exp(-w) / (1 + x)  # 1 - x
    y = sqrt(w) * mpf("0.9")
    for _ in range(200):
        step = (erfc(y) - tail) / (2 / sqrt(pi) * exp(-y * y))
        y += step
        if abs(step) < mpf(10) ** -60:
            break
    return y / x


_TINY = mpf(10) ** -16
_HALF_LN2 = log(2) / 2 * mpf("1.0005")

FITS: list[Fit] = [
    *_both(
        "exp", lambda r: (expm1(r) - r) / r**2, lambda r: r**2 / exp(r), -_HALF_LN2, _HALF_LN2, 4, 9
    ),
    *_both(
        "expm1",
        lambda r: (expm1(r) - r) / r**2,
        lambda r: r**2 / expm1(r),
        -_HALF_LN2,
        _HALF_LN2,
        4,
        10,
    ),
    *_both(
        "log1p",
        lambda f: (log1p(f) - f) / f**2,
        lambda f: f**2 / log1p(f),
        -mpf(1) / 3,
        mpf(1) / 3,
        8,
        0,
    ),
    # log1p(f) = 2 atanh(s), s = f / (2 + f), |s| <= 0.2: 2 (atanh(s) - s) / s^3 in s^2
    *_both(
        "atanh_s",
        lambda s: 2 * (atanh(sqrt(s)) / sqrt(s) - 1) / s,
        _even_weight(atanh),
        _TINY,
        mpf("0.041"),
        0,
        8,
    ),
    *_both(
        "tanh_half",
        lambda s: (2 * tanh(sqrt(s) / 2) / sqrt(s) - 1) / s,
        lambda s: s * sqrt(s) / (2 * tanh(sqrt(s) / 2)),
        _TINY,
        _HALF_LN2**2,
        2,
        7,
    ),
    # the same without its first term, 2 / 3, which `pow` needs in twice the precision
    *_both(
        "atanh_rest",
        lambda s: 2 * ((atanh(sqrt(s)) / sqrt(s) - 1) / s - mpf(1) / 3) / s,
        lambda s: s * s / 2,
        _TINY,
        mpf("0.041"),
        0,
        7,
    ),
    *_both("sin", _even(sin), _even_weight(sin), _TINY, (pi / 2 * mpf("1.0002")) ** 2, 3, 8),
    *_both("tan", _even(tan), _even_weight(tan), _TINY, (pi / 4 * mpf("1.0002")) ** 2, 6, 15),
    *_both(
        "erf",
        lambda s: erf(sqrt(s)) / sqrt(s) - 1,
        lambda s: sqrt(s) / erf(sqrt(s)),
        _TINY,
        mpf("1.125") ** 2,
        6,
        0,
    ),
    *_both(
        "erfc_root",
        lambda a: erfc(a) ** mpf("0.25"),
        lambda a: 4 * erfc(a) ** mpf("0.75") / erf(a),
        "1.125",
        "3.93",
        7,
        0,
    ),
    *_both(
        "erf",
        lambda s: erf(sqrt(s)) / sqrt(s) - 1,
        lambda s: sqrt(s) / erf(sqrt(s)),
        _TINY,
        1,
        0,
        13,
    ),
    *_both("atan", _even(atan), _even_weight(atan), _TINY, mpf("1.00001"), 8, 20),
    *_both("asin", _even(asin), _even_weight(asin), _TINY, mpf("0.25001"), 5, 12),
    *_both("sinh", _even(sinh), _even_weight(sinh), _TINY, mpf("1.0001"), 3, 7),
    # (1 + 2 a) e^(a^2) erfc(a) - 1 in (a - k) / (a + k), k = 2 and 4
    *_both(
        "erfc",
        lambda t: _erfc_scaled(t, 2) - 1,
        lambda t: 1 / _erfc_scaled(t, 2),
        -1,
        "0.68",
        11,
        0,
    ),
    *_both(
        "erfc",
        lambda t: _erfc_scaled(t, 4) - 1,
        lambda t: 1 / _erfc_scaled(t, 4),
        -1,
        "0.75",
        0,
        23,
    ),
    # lgamma(2 + u) / u, the error against 1
    *_both("lgamma", lambda u: loggamma(2 + u) / u, lambda u: u, "-.50001", ".50002", 0, 18),
    # erfinv(x) / x for w = -log(1 - x^2): in w - 3, then in sqrt(w) - 3.25, in sqrt(w) - 5
    Fit(
        "erfinv_near_53",
        lambda v: _erfinv_ratio(v + 3),
        lambda v: 1 / _erfinv_ratio(v + 3),
        _TINY - 3,
        mpf("3.251"),
        23,
        53,
    ),
    Fit(
        "erfinv_mid_53",
        lambda v: _erfinv_ratio((v + mpf("3.25")) ** 2),
        lambda v: 1 / _erfinv_ratio((v + mpf("3.25")) ** 2),
        mpf("-.7501"),
        mpf("0.7501"),
        20,
        53,
    ),
    Fit(
        "erfinv_far_53",
        lambda v: _erfinv_ratio((v + 5) ** 2),
        lambda v: 1 / _erfinv_ratio((v + 5) ** 2),
        mpf("-1.0001"),
        mpf("1.01"),
        19,
        53,
    ),
]


if __name__ == "__main__":
    main(sys.argv[1:])
