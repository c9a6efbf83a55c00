"""rsqrt, cbrt, hypot and pow."""

from __future__ import annotations

from typing import Final

from tilewright.dsl.types import f32, f64

from ..formula import Term, fma, polynomial, rarely, select
from .exponential import exp2, exp_scaled
from .logarithm import log2, split

# The bits of a first guess at a^(-1/3) are this less a third of the bits of a.
CBRT_32: Final = 0x54A21D2A
CBRT_64: Final = 0x553EF0FF289DD796

# ln 2 in two parts, the first with so few bits that its products with exponents are exact
LN2_SHORT: Final = (0.6931471805598903, 5.497923018708371e-14)
# (2 (atanh(s) / s - 1) / s^2 - 2/3) / s^2 in s^2, |s| <= 0.2; error 2^-66 relative to atanh(s)
ATANH_REST_64: Final = (
    0.39999999999999664, 0.2857142857160582, 0.22222222186212587, 0.1818182197535443,
    0.15384384339893406, 0.13341769466178974, 0.11583117534347168, 0.12627499494828132,
)  # fmt: skip
# 2/3 in two parts
TWO_THIRDS: Final = (0.6666666666666666, 3.700743415417188e-17)


def rsqrt(x: Term) -> Term:
    """1 / sqrt(x); in `f32` from the machine's guess, where that was good enough.

    Square roots and divisions share the slowest unit of a core. The guesses at zero, infinity,
    subnormal and negative numbers may be so far off that their residual is NaN or infinity: these
    are rare, and divided.
    """
    if x.is_double:
        return 1.0 / x.unary("sqrt")
    y, residual = _from_guess(x)
    # 2 or more, infinite or NaN: an exponent bit, tested where the units for floats are not needed.
    is_unusual = (residual.bits << 1) < 0
    (root,) = rarely(is_unusual, lambda: (1.0 / x.unary("sqrt"),), (y,))
    return root


def quick_rsqrt(x: Term) -> Term:
    """1 / sqrt(x) of normal `f32`; of what else there is, something that is not finite."""
    return _from_guess(x)[0]


def _from_guess(x: Term) -> tuple[Term, Term]:
    """The machine's guess put right by one step of third order, and its residual."""
    y = x.unary("rsqrt_guess")
    residual = fma(x * y, y, -1.0)
    return fma(y * residual, fma(residual, 0.375, -0.5), y), residual


def cbrt(x: Term) -> Term:
    """The cube root: a y^2, put right by its exact residual, with y = a^(-1/3).

    y takes two steps of third order from a guess by its bits.
    """
    a = abs(x)
    is_small = a < x.pick(2.0**-126, 2.0**-1022)
    a = select(is_small, a * x.pick(2.0**24, 2.0**54), a)
    third = a.bits >> 2
    for shift in (2, 4, 8):
        third = third + (third >> shift)
    y = (a.bits.constant(CBRT_64 if x.is_double else CBRT_32) - third).as_float
    for _ in range(2):
        e = fma(-a * y, y * y, 1.0)
        y = fma(y * e, fma(e, fma(e, 14 / 81, 2 / 9), 1 / 3), y)
    root = a * y * y
    square = root * root
    lost = fma(root, root, -square)
    residual = fma(square, root, -a) + lost * root
    root = fma(residual * (y * y), -1 / 3, root)
    root = select(is_small, root * x.pick(2.0**-8, 2.0**-18), root)
    is_special = (a.equals(0.0)) | (a.equals(float("inf")))
    return select(is_special, x, root.with_sign_of(x))


def hypot(x: Term, y: Term) -> Term:
    """sqrt(x^2 + y^2), scaled so that the squares neither overflow nor vanish."""
    a, b = abs(x), abs(y)
    high, low = select(a > b, a, b), select(a > b, b, a)
    up, down = x.pick(2.0**90, 2.0**600), x.pick(2.0**-70, 2.0**-600)
    back_up, back_down = x.pick(2.0**-90, 2.0**-600), x.pick(2.0**70, 2.0**600)
    is_large = high > x.pick(2.0**60, 2.0**500)
    is_small = high < x.pick(2.0**-50, 2.0**-500)
    scale = select(is_large, down, select(is_small, up, 1.0))
    back = select(is_large, back_down, select(is_small, back_up, 1.0))
    high, low = high * scale, low * scale
    result = fma(high, high, low * low).unary("sqrt") * back
    infinity = float("inf")
    return select(a.equals(infinity) | b.equals(infinity), infinity, result)


def power(x: Term, y: Term) -> Term:
    """x^y with the special cases of C; `f32` through `f64`, so that it is rounded but once."""
    a = abs(x)
    magnitude = _power_double(a, y) if x.is_double else exp2(y.to(f64) * log2(a.to(f64))).to(f32)
    # 1^inf: 0 * inf has become NaN
    magnitude = select(a.equals(1.0) & y.equals(y), 1.0, magnitude)
    is_whole = y.unary("floor").equals(y)
    half = y * 0.5
    is_odd = is_whole & half.unary("floor").differs(half)
    magnitude = select(is_odd, magnitude.with_sign_of(x), magnitude)
    is_undefined = (x < 0.0) & (a < float("inf")) & ~is_whole & y.equals(y)
    result = select(is_undefined, float("nan"), magnitude)
    return select(x.equals(1.0) | y.equals(0.0), 1.0, result)


def _power_double(a: Term, y: Term) -> Term:
    """e^(y log a) with log a and the product as sums of two numbers, good to about 2^-64."""
    high, low = _log_in_two(a)
    infinity = float("inf")
    high = select(a.equals(0.0), -infinity, select(a < infinity, high, a))
    product = high * y
    tail = fma(low, y, fma(high, y, -product))
    is_usual = abs(product) < 1000.0
    return exp_scaled(product, select(is_usual, tail, 0.0)).times()


def _log_in_two(a: Term) -> tuple[Term, Term]:
    """log a = e ln 2 + 2 s + s^3 (2/3 + s^2 (...)), all but the inner brackets as two numbers."""
    e, f = split(a)
    d = f + 2.0
    d_low = f - (d - 2.0)
    s = f / d
    s_low = fma(-s, d_low, fma(-s, d, f)) / d
    z = s * s
    z_low = fma(s, s_low + s_low, fma(s, s, -z))
    cube = z * s
    cube_low = fma(z, s_low, fma(z_low, s, fma(z, s, -cube)))
    inner = z * polynomial(z, ATANH_REST_64)
    q = inner + TWO_THIRDS[0]
    q_low = (inner - (q - TWO_THIRDS[0])) + TWO_THIRDS[1]
    rest = cube * q
    rest_low = fma(cube_low, q, fma(cube, q_low, fma(cube, q, -rest)))
    whole = e * LN2_SHORT[0]
    first, first_low = _add(whole, s + s)
    high, high_low = _add(first, rest)
    low = high_low + (first_low + fma(e, LN2_SHORT[1], rest_low + (s_low + s_low)))
    return _add(high, low)


def _add(a: Term, b: Term) -> tuple[Term, Term]:
    """The rounded sum and what the rounding lost (Knuth's TwoSum)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)
