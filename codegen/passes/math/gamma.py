"""lgamma: the logarithm of the absolute value of the gamma function.

By gamma(a) = (a - 1)(a - 2) ... (a - n) gamma(a - n) the argument is brought to 2 + u with |u| <= 1/2, where
lgamma is u times a polynomial; large ones take Stirling's series, negative ones the reflection gamma(-a)
gamma(a) = -pi / (a sin(pi a)). All factors meet under one logarithm, so that nothing cancels near a zero.
`f32` is computed in `f64`. Polynomial: tools/fit_polynomials.py.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl.types import f32, f64

from ..formula import Term, fma, polynomial, select
from .logarithm import log
from .trigonometric import sin_reduced

# lgamma(2 + u) / u, |u| <= 1/2; error 2^-61.1
LGAMMA_64: Final = (
    0.42278433509846713, 0.3224670334241133, -0.06735230105319673, 0.020580808427770676,
    -0.007385551028773384, 0.002890510331445776, -0.0011927539085576464, 0.0005096695068885645,
    -0.00022315481081115746, 9.945777139721124e-05, -4.4925741319420917e-05, 2.0504937783220275e-05,
    -9.44217798510415e-06, 4.387222929729609e-06, -2.031491464144114e-06, 9.14850167801593e-07,
    -4.568029974021438e-07, 2.8319415778303567e-07, -1.1223387463620814e-07,
)  # fmt: skip
# B(2k) / (2k (2k - 1)) of Stirling's series
STIRLING: Final = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)
HALF_LOG_TWO_PI: Final = 0.9189385332046728

# How many factors are taken off before Stirling's series takes over.
FACTORS_32: Final = 5
FACTORS_64: Final = 16


def lgamma(x: Term) -> Term:
    """log |gamma(x)|; infinite at 0 and the negative integers."""
    if not x.is_double:
        return _lgamma(x.to(f64), FACTORS_32).to(f32)
    return _lgamma(x, FACTORS_64)


def _lgamma(x: Term, factors: int) -> Term:
    a = abs(x)
    is_large = a >= factors + 2.5
    u, numerator, denominator = _factors(a, factors)
    near = u * polynomial(u, LGAMMA_64)
    # sin(pi a) / pi without its sign
    nearest = a.unary("round")
    sine = sin_reduced(abs(a - nearest) * 3.141592653589793) * (1 / 3.141592653589793)
    reflected = a * sine
    is_negative = x < 0.0
    one = a.constant(1.0)
    ratio = select(is_negative, denominator / (reflected * numerator), numerator / denominator)
    ratio = select(is_large, select(is_negative, one / reflected, one), ratio)
    far = _stirling(a)
    rest = select(is_large, far, near)
    result = log(ratio) + select(is_negative, -rest, rest)
    is_pole = is_negative & nearest.equals(a) | a.equals(0.0)
    return select(is_pole | a.equals(float("inf")), float("inf"), result)


def _factors(a: Term, count: int) -> tuple[Term, Term, Term]:
    """(u, n, d) with gamma(a) = n / d gamma(2 + u)."""
    one = a.constant(1.0)
    is_below = a < 1.5
    is_least = a < 0.5
    z = a
    denominator = select(is_below, select(is_least, fma(a, a, a), a), one)
    numerator = one
    for k in range(1, count + 1):
        is_taken = a >= k + 1.5
        z = select(is_taken, a - float(k), z)
        numerator = select(is_taken, numerator * z, numerator)
    u = select(is_least, a, select(is_below, a - 1.0, z - 2.0))
    return u, numerator, denominator


def _stirling(a: Term) -> Term:
    """(a - 1/2) (log a - 1) + (log 2 pi - 1) / 2 + 1 / (12 a) - ..."""
    inverse = 1.0 / a
    series = fma(inverse, polynomial(inverse * inverse, STIRLING), HALF_LOG_TWO_PI - 0.5)
    return fma(a - 0.5, log(a) - 1.0, series)
