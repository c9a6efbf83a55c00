"""Floor division and modulo of floats, exact as C's fmod.

|a| modulo |b| is a - q b with q the whole part of a / b: one fma gives it exactly, off by at most
one b, where q fits the mantissa. Where it does not, multiples of b 2^k are taken off first, in f64,
in a loop that is skipped while no lane needs it. Signs and zeros are Python's and NumPy's.
"""

from __future__ import annotations

from tilewright.dsl.ir import While, Yield
from tilewright.dsl.types import bool_, f64

from ..formula import Term, fma, rarely, select


def modulo(a: Term, b: Term) -> Term:
    """a - b floor(a / b); the sign of b."""
    rest = _remainder(abs(a), abs(b)).with_sign_of(a)
    rest = select(_is_opposite(rest, b), rest + b, rest)
    return select(rest.equals(0.0), rest.with_sign_of(b), rest)


def floor_divide(a: Term, b: Term) -> Term:
    """floor(a / b) of the exact quotient, as nearly as the dtype can hold it."""
    rest = _remainder(abs(a), abs(b)).with_sign_of(a)
    exact = (a - rest) / b
    exact = select(_is_opposite(rest, b), exact - 1.0, exact)
    whole = exact.unary("floor")
    whole = select(exact - whole > 0.5, whole + 1.0, whole)
    quotient = a / b
    whole = select(exact.equals(0.0), exact.with_sign_of(quotient), whole)
    return select(b.equals(0.0), quotient, whole)


def _is_opposite(rest: Term, b: Term) -> Term:
    """Whether a remainder has not the sign of the divisor."""
    return rest.differs(0.0) & ((rest < 0.0) ^ (b < 0.0))


def _remainder(a: Term, b: Term) -> Term:
    """a modulo b for a, b >= 0; NaN if a is infinite or b is 0."""
    infinity = float("inf")
    is_huge = (a >= b * a.pick(2.0**23, 2.0**52)) & (a < infinity) & (b > 0.0)
    usual = _remainder_of_near(a, b)
    (rest,) = rarely(is_huge, lambda: (_remainder_of_far(a, b),), (usual,))
    rest = select(b.equals(infinity) & (a < infinity), a, rest)
    return select(b > 0.0, rest, float("nan"))


def _remainder_of_near(a: Term, b: Term) -> Term:
    """The remainder where the quotient fits the mantissa; `a` may be negative here."""
    rest = fma(-(a / b).unary("trunc"), b, a)
    rest = select(rest < 0.0, rest + b, rest)
    return select(rest >= b, rest - b, rest)


def _remainder_of_far(a: Term, b: Term) -> Term:
    wide, divisor = a.to(f64), b.to(f64)
    tile = wide.value.tile
    builder = a.builder
    limit = divisor * 2.0**52
    is_far = wide >= limit
    with builder.inside(tile, tile.with_dtype(bool_)) as condition:
        builder.add(Yield((condition.parameters[1],)))
    with builder.inside(tile, tile.with_dtype(bool_)) as body:
        rest = _take_multiples(Term(builder, body.parameters[0]), divisor)
        builder.add(Yield((rest.value, (abs(rest) >= limit).value)))
    loop = builder.add(While((wide.value, is_far.value), condition, body, lanes=not tile.is_scalar))
    return _remainder_of_near(Term(builder, loop.results[0]), divisor).to(a.dtype)


def _take_multiples(rest: Term, divisor: Term) -> Term:
    """The rest less the nearest multiple of b 2^k that has about 50 bits; exact, of either sign."""
    k = _exponent(rest) - _exponent(divisor) - 50
    k = select(k < 0, k.constant(0), k)
    half = k >> 1
    scaled = divisor * _power(half) * _power(k - half)
    return fma(-(rest / scaled).unary("round"), scaled, rest)


def _exponent(x: Term) -> Term:
    return (x.bits >> 52) & 0x7FF


def _power(k: Term) -> Term:
    return ((k + 1023) << 52).as_float
