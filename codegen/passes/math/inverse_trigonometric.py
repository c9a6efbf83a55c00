"""asin, acos, atan and atan2: an odd polynomial on part of the range, the rest by identities.

atan z = pi/2 - atan 1/z; asin s and acos s near 1 by asin s = pi/2 - 2 asin sqrt((1 - s) / 2).
Polynomials: tools/fit_polynomials.py.
"""

from __future__ import annotations

from typing import Final

from ..formula import Term, fma, polynomial, select

# (atan(t) / t - 1) / t^2 in t^2, |t| <= 1; error 2^-28.5 and 2^-60.2
ATAN_32: Final = (
    -0.333333, 0.1999853, -0.14264016, 0.1095088, -0.083992995, 0.05788116, -0.031096624, 0.010868415,
    -0.0017827445,
)  # fmt: skip
ATAN_64: Final = (
    -0.33333333333333287, 0.19999999999990617, -0.1428571428504496, 0.1111111108666953,
    -0.09090908550967747, 0.0769229975395167, -0.06666584066101586, 0.058817182292522155,
    -0.05259443341031888, 0.04744960190690483, -0.042864862211699224, 0.03821216869670666,
    -0.03278910913468857, 0.0261567546565002, -0.01861972394326372, 0.01132230372261925,
    -0.005615362697564802, 0.002152983067689991, -0.0005933453059685943, 0.00010396232350028527,
    -8.66261713365692e-06,
)  # fmt: skip
# (asin(s) / s - 1) / s^2 in s^2, |s| <= 1/2; error 2^-31.7 and 2^-59.9
ASIN_32: Final = (0.1666666, 0.07500522, 0.044513386, 0.03183874, 0.01431783, 0.037689257)
ASIN_64: Final = (
    0.1666666666666676, 0.07499999999970858, 0.044642857174573045, 0.0303819427091582,
    0.022372214958384602, 0.01735161241337908, 0.013980816935721327, 0.011398933892323661,
    0.010780168611356016, 0.0037066052366464533, 0.021707228183704727, -0.020999078814063994,
    0.032628817356100806,
)  # fmt: skip

# pi / 2 in two parts of each dtype
HALF_PI_32: Final = (1.57079637, -4.37113883e-08)
HALF_PI_64: Final = (1.5707963267948966, 6.123233995736766e-17)


def atan(x: Term) -> Term:
    """The inverse tangent, in [-pi/2, pi/2]."""
    a = abs(x)
    is_steep = a > 1.0
    angle = _atan_reduced(select(is_steep, 1.0 / a, a))
    return select(is_steep, _minus(_half_pi(x), angle), angle).with_sign_of(x)


def atan2(y: Term, x: Term) -> Term:
    """The angle of the point (x, y), in [-pi, pi]; signs of zeros and infinities as in C."""
    a, b = abs(y), abs(x)
    is_steep = a > b
    low, high = select(is_steep, b, a), select(is_steep, a, b)
    slope = select(high.equals(0.0), high, low / high)
    slope = select(low.equals(float("inf")), 1.0, slope)
    angle = _atan_reduced(slope)
    half_pi = _half_pi(x)
    angle = select(is_steep, _minus(half_pi, angle), angle)
    whole = half_pi[0] + half_pi[0], half_pi[1] + half_pi[1]
    return select(x.bits < 0, _minus(whole, angle), angle).with_sign_of(y)


def asin(x: Term) -> Term:
    """The inverse sine, in [-pi/2, pi/2]; NaN beyond 1."""
    is_large, s, rest = _asin_reduced(abs(x))
    high, low = _half_pi(x)
    return select(is_large, fma(s, -2.0, high) - fma(rest, 2.0, -low), s + rest).with_sign_of(x)


def acos(x: Term) -> Term:
    """The inverse cosine, in [0, pi]; NaN beyond 1."""
    is_large, s, rest = _asin_reduced(abs(x))
    high, low = _half_pi(x)
    angle = s + rest
    near = angle + angle
    far = fma(angle, -2.0, high + high) + (low + low)
    signed = s.with_sign_of(x)
    middle = (high - signed) - (rest.with_sign_of(x) - low)
    return select(is_large, select(x < 0.0, far, near), middle)


def _asin_reduced(a: Term) -> tuple[Term, Term, Term]:
    """(a > 1/2, s, r) with s + r the inverse sine of s, which is a or sqrt((1 - a) / 2)."""
    is_large = a > 0.5
    z = select(is_large, fma(a, -0.5, 0.5), a * a)
    s = select(is_large, z.unary("sqrt"), a)
    return is_large, s, s * z * polynomial(z, ASIN_64 if a.is_double else ASIN_32)


def _atan_reduced(t: Term) -> Term:
    z = t * t
    return fma(t * z, polynomial(z, ATAN_64 if t.is_double else ATAN_32), t)


def _half_pi(x: Term) -> tuple[Term, Term]:
    return x.pick(HALF_PI_32[0], HALF_PI_64[0]), x.pick(HALF_PI_32[1], HALF_PI_64[1])


def _minus(whole: tuple[Term, Term], part: Term) -> Term:
    return whole[0] - (part - whole[1])
