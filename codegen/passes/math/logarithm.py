"""log, log2, log10 and log1p.

x = 2^e (1 + f) with 1 + f in [2/3, 4/3), e found by integer arithmetic on the bits of x; log1p(f)
is a polynomial in f (f32) or in s = f / (2 + f) (f64, as in fdlibm's e_log.c). Subnormal arguments
are scaled up first. Polynomials: tools/fit_polynomials.py.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from ..formula import Term, fma, polynomial, select

# (log1p(f) - f) / f^2, |f| <= 1/3; error 2^-27.6 relative to log1p(f)
LOG1P_32: Final = (
    -0.5, 0.33333206, -0.24999888, 0.20010835, -0.16676389, 0.14000104, -0.122408405, 0.14008816,
    -0.12647147,
)  # fmt: skip
# 2 (atanh(s) / s - 1) / s^2 in s^2, |s| <= 0.2; error 2^-65.7
ATANH_64: Final = (
    0.6666666666666666, 0.4000000000000192, 0.28571428571094876, 0.22222222244969475,
    0.18181818123904606, 0.15384534450985984, 0.13338326752006352, 0.11626019414675447,
    0.12403390876402909,
)  # fmt: skip

TWO_THIRDS_32: Final = 0x3F2AAAAB
TWO_THIRDS_64: Final = 0x3FE5555555555555


LN2: Final = 0.6931471805599453


class Split(NamedTuple):
    """x = 2^e (1 + f)."""

    e: Term
    f: Term


def log(x: Term) -> Term:
    """The natural logarithm."""
    e, f = split(x)
    return _with_special_values(x, 0.0, fma(e, LN2, log1p_reduced(f)))


def log2(x: Term) -> Term:
    """The logarithm to base 2; exact for powers of two."""
    e, f = split(x)
    high, low = (
        x.pick(1.44269502, 1.4426950408889634),
        x.pick(1.92596299e-08, 2.0355273740931033e-17),
    )
    result = e + fma(f, high, fma(f, low, log1p_tail(f) * high))
    return _with_special_values(x, 0.0, result)


def log10(x: Term) -> Term:
    """The logarithm to base 10."""
    e, f = split(x)
    high, low = (
        x.pick(0.434294492, 0.4342944819032518),
        x.pick(-1.01055148e-08, 1.098319650216765e-17),
    )
    top, rest = (
        x.pick(0.301030010, 0.3010299956639812),
        x.pick(-1.43209888e-08, -2.8037281277851704e-18),
    )
    small = fma(f, high, fma(e, rest, fma(f, low, log1p_tail(f) * high)))
    return _with_special_values(x, 0.0, fma(e, top, small))


def log1p(x: Term) -> Term:
    """log(1 + x) without cancellation near 0: 2^-e (1 + x) - 1 is formed with one rounding."""
    width, start = _layout(x)
    u = x + 1.0
    exponent = (u.bits - start) & ~((1 << width) - 1)
    # x is not tiny where e is not 0; 2^-e could be subnormal, 4 2^-e is not
    quarter = (x.constant(4.0).bits - exponent).as_float
    f = (x.bits - exponent).as_float + fma(quarter, 0.25, -1.0)
    result = fma(_exponent_as_float(exponent, x.constant(0.0)), LN2, log1p_reduced(f))
    # the sum has lost the sign of zero
    return select(x.equals(0.0), x, _with_special_values(x, -1.0, result))


def split(x: Term) -> Split:
    """Exponent and mantissa of a positive finite x, 1 + f in [2/3, 4/3)."""
    width, start = _layout(x)
    is_small = x < x.pick(2.0**-126, 2.0**-1022)
    normal = select(is_small, x * x.pick(2.0**23, 2.0**52), x)
    exponent = (normal.bits - start) & ~((1 << width) - 1)
    f = (normal.bits - exponent).as_float - 1.0
    offset = select(is_small, x.pick(-23, -52), x.constant(0.0))
    return Split(_exponent_as_float(exponent, offset), f)


def log1p_reduced(f: Term) -> Term:
    """log1p(f) for |f| <= 1/3."""
    if f.is_double:
        return f + log1p_tail(f)
    return fma(f * f, polynomial(f, LOG1P_32), f)


def log1p_tail(f: Term) -> Term:
    """log1p(f) - f for |f| <= 1/3."""
    if not f.is_double:
        return f * f * polynomial(f, LOG1P_32)
    s = f / (f + 2.0)
    z = s * s
    half = f * f * 0.5
    return fma(s, fma(z, polynomial(z, ATANH_64), half), -half)


def _with_special_values(x: Term, pole: float, result: Term) -> Term:
    """The logarithm between its pole, where it is -inf, and infinity; NaN below."""
    infinity = float("inf")
    below = select(x.equals(pole), -infinity, x.constant(float("nan")))
    return select(x > pole, select(x < infinity, result, x), below)


def _layout(x: Term) -> tuple[int, int]:
    """The width of the mantissa and the bits of 2/3."""
    return (52, TWO_THIRDS_64) if x.is_double else (23, TWO_THIRDS_32)


def _exponent_as_float(exponent: Term, offset: Term) -> Term:
    """An exponent in place, as a number, plus an offset; by the mantissa of 1.5 * 2^52 in f64."""
    if not offset.is_double:
        return fma(exponent.to(offset.dtype), 2.0**-23, offset)
    magic = offset.constant(1.5 * 2.0**52)
    return ((exponent >> 52) + magic.bits).as_float - magic + offset
