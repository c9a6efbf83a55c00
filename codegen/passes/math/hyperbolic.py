"""sinh, cosh, tanh and their inverses.

Sums of e^x and e^-x where nothing cancels, a polynomial or a rational form of tanh where it would;
the inverses are log1p of what is left of the argument. Polynomials: tools/fit_polynomials.py.
"""

from __future__ import annotations

from typing import Final

from ..formula import Term, fma, polynomial, select
from .exponential import exp_scaled, nearest_power
from .logarithm import log1p

# (sinh(a) / a - 1) / a^2 in a^2, a <= 1; error 2^-31.6 and 2^-63.0
SINH_32: Final = (0.16666667, 0.008333315, 0.00019841664, 2.79e-06)
SINH_64: Final = (
    0.16666666666666666, 0.00833333333333352, 0.0001984126984113115, 2.7557319274863126e-06,
    2.5052098128443957e-08, 1.606020167095114e-10, 7.578432239010299e-13, 4.4927407412490496e-15,
)  # fmt: skip
LN2: Final = 0.6931471805599453

# (2 tanh(r / 2) - r) / r^3 in r^2, |r| <= 0.3467; error 2^-32.5 and 2^-67.0
TANH_HALF_32: Final = (-0.083333306, 0.00833197, -0.0008237476)
TANH_HALF_64: Final = (
    -0.08333333333333333, 0.008333333333332561, -0.0008432539682066445, 8.542768815257905e-05,
    -8.65547919193286e-06, 8.767541067642934e-07, -8.768724493315634e-08, 6.398013735174386e-09,
)  # fmt: skip


def tanh(x: Term) -> Term:
    """The hyperbolic tangent, with one division.

    With 2|x| = n ln 2 + r, s = 2^n and h = tanh(r / 2) it is ((s - 1) + (s + 1) h) / ((s + 1) +
    (s - 1) h), which is h itself where n = 0. Where s is large that is 1 - 2 (1 - h) / (...), whose
    rounding errors no longer matter.
    """
    a = abs(x).at_most(x.pick(9.5, 20.0))
    # for f32 a little less than 1 / ln 2 keeps n at 1 up to |x| = 0.55, where the result passes 1/2
    r, s = nearest_power(a + a, x.pick(1.36, 1.4426950408889634))
    z = r * r
    h = 0.5 * fma(r * z, polynomial(z, TANH_HALF_64 if x.is_double else TANH_HALF_32), r)
    above, below = s + 1.0, s - 1.0
    is_large = s > 2.0
    short = select(is_large, fma(h, -2.0, 2.0), fma(-above, h, -below))
    result = select(is_large, 1.0, x.constant(0.0)) - short.over(fma(below, h, above))
    return result.with_sign_of(x)


def sinh(x: Term) -> Term:
    """The hyperbolic sine."""
    a = abs(x)
    z = a * a
    small = fma(a * z, polynomial(z, SINH_64 if x.is_double else SINH_32), a)
    half = exp_scaled(a, down=1).times()
    return select(a < 1.0, small, half - 0.25 / half).with_sign_of(x)


def cosh(x: Term) -> Term:
    """The hyperbolic cosine."""
    half = exp_scaled(abs(x), down=1).times()
    return half + 0.25 / half


def asinh(x: Term) -> Term:
    """The inverse hyperbolic sine."""
    a = abs(x)
    z = a * a
    usual = a + z / ((z + 1.0).unary("sqrt") + 1.0)
    return _log_of_sum(a, usual).with_sign_of(x)


def acosh(x: Term) -> Term:
    """The inverse hyperbolic cosine; NaN below 1."""
    t = x - 1.0
    root = fma(t, t, t + t).unary("sqrt")
    usual = t + root
    # near 1 what the sum has lost is worth adding again
    lost = select(usual < 0.5, t - (usual - root), x.constant(0.0))
    return select(x < 1.0, float("nan"), _log_of_sum(x, usual) + lost)


def atanh(x: Term) -> Term:
    """The inverse hyperbolic tangent; infinite at 1, NaN beyond."""
    a = abs(x)
    double = a + a
    # 2 a / (1 - a)
    argument = fma(double, a / (1.0 - a), double)
    return (log1p(select(a > 1.0, float("nan"), argument)) * 0.5).with_sign_of(x)


def _log_of_sum(a: Term, usual: Term) -> Term:
    """log(1 + usual), or log(2 a) where a is so large that its square no longer matters."""
    is_large = a > a.pick(2.0**12, 2.0**27)
    argument = select(is_large, a - 1.0, usual)
    return log1p(argument) + select(is_large, a.constant(LN2), a.constant(0.0))
