"""asin, acos, atan and atan2: an odd polynomial on part of the range, the rest by identities.

atan z = pi/2 - atan 1/z; asin s and acos s near 1 by asin s = pi/2 - 2 asin sqrt((1 - s) / 2).
Polynomials: tools/fit_polynomials.py.
"""

from __future__ import annotations

from typing import Final

from ..formula import Term, fma, polynomial, select

# (atan(t) / t - 1) / t^2 in t^2, |t| <= 1; error 2^-28.5 and 2^-60.2
ATAN_32: Final = (
    -0.333333, 0.19998507, -0.1426365, 0.10948574, -0.083918974, 0.057747893, -0.030960353,
    0.010794454, -0.0017661903,
)  # fmt: skip
ATAN_64: Final = (
    -0.33333333333333287, 0.19999999999990303, -0.14285714285014733, 0.11111111085491376,
    -0.09090908525473693, 0.07692299402816426, -0.0666658074112157, 0.058816954977887824,
    -0.05259327389530793, 0.04744508811410486, -0.0428512465935307, 0.03818004104016055,
    -0.032729540045296476, 0.026069991820308766, -0.01852099808751665, 0.011235573540939268,
    -0.005557736957600652, 0.002124998273869745, -0.0005839784299116453, 0.00010203155219627438,
    -8.477946403159395e-06,
)  # fmt: skip
# (asin(s) / s - 1) / s^2 in s^2, |s| <= 1/2; error 2^-31.7 and 2^-59.9
ASIN_32: Final = (0.1666666, 0.07500514, 0.04451585, 0.03181341, 0.014425868, 0.03752581)
ASIN_64: Final = (
    0.1666666666666676, 0.07499999999971214, 0.04464285717404882, 0.030381942739718743,
    0.02237221399754591, 0.017351630891166592, 0.013980585300123588, 0.011400887090724995,
    0.01076899402318693, 0.0037494071945721637, 0.021602115221912934, -0.020849447411227143,
    0.03253492556213729,
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
    slope = low / select(high.equals(0.0), 1.0, high)
    slope = select(low.equals(float("inf")) & high.equals(low), 1.0, slope)
    angle = _atan_reduced(slope)
    half_pi = _half_pi(x)
    angle = select(is_steep, _minus(half_pi, angle), angle)
    whole = half_pi[0] + half_pi[0], half_pi[1] + half_pi[1]
    return select(x.bits < 0, _minus(whole, angle), angle).with_sign_of(y)


def asin(x: Term) -> Term:
    """The inverse sine, in [-pi/2, pi/2]; NaN beyond 1."""
    is_large, s, rest = _asin_reduced(abs(x))
    high, low = _half_pi(x)
    coarse = fma(s, -2.0, high)
    lost = fma(s, -2.0, high - coarse)
    large = coarse - fma(rest, 2.0, -(low + lost))
    return select(is_large, large, s + rest).with_sign_of(x)


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
