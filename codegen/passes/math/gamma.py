"""lgamma: the logarithm of the absolute value of the gamma function.

By gamma(a) = (a - 1)(a - 2) ... (a - n) gamma(a - n) the argument is brought to 2 + u with |u| <=
1/2, where lgamma is u times a polynomial; large ones take Stirling's series, negative ones the
reflection gamma(-a) gamma(a) = -pi / (a sin(pi a)). All factors meet under one logarithm, so that
nothing cancels near a zero. `f32` is computed in `f64`. Polynomial: tools/fit_polynomials.py.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl.types import f32, f64

from ..formula import Term, fma, polynomial, select
from .logarithm import log
from .trigonometric import sin_reduced

# lgamma(2 + u) / u, |u| <= 1/2; error 2^-61.1
LGAMMA_64: Final = (
    0.42278433509846713, 0.32246703342411326, -0.0673523010531974, 0.020580808427776733,
    -0.007385551028706922, 0.002890510331212323, -0.0011927539110036143, 0.0005096695113717116,
    -0.00022315476535212799, 9.945772329527343e-05, -4.492622127898013e-05, 2.0505237783218162e-05,
    -9.439172340719787e-06, 4.386147672166042e-06, -2.0425488966857357e-06, 9.168942179481626e-07,
    -4.347216149074433e-07, 2.8160611233529103e-07, -1.3070867156859332e-07,
)  # fmt: skip
# B(2k) / (2k (2k - 1)) of Stirling's series
STIRLING: Final = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360)
HALF_LOG_TWO_PI: Final = 0.9189385332046728

# How many factors are taken off before Stirling's series takes over. For f64: up to where the poles
# of
# negative arguments are so narrow that what cancels near a zero between them is no longer seen.
FACTORS_32: Final = 5
FACTORS_64: Final = 24


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
    nearest = a.unary("round")
    # sin(pi a) / pi without its sign
    sine = sin_reduced(abs(a - nearest) * 3.141592653589793) * (1 / 3.141592653589793)
    sine = select(a < 2.0**-100, a, sine)
    is_negative = x < 0.0
    # 1 / |gamma(x)|, or what Stirling's series and the polynomial leave of it; never overflows
    one = a.constant(1.0)
    reflected = select(a < 1.5, select(a < 0.5, sine / (a + 1.0), sine), a * sine * numerator)
    inverse = select(is_negative, reflected, denominator / numerator)
    inverse = select(is_large, select(is_negative, a * sine, one), inverse)
    rest = select(is_large, _stirling(a), near)
    result = select(is_negative, -rest, rest) - log(inverse)
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
