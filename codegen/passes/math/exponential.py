"""exp, exp2, expm1 and sigmoid.

x = n ln 2 + r with |r| <= ln(2)/2; e^r is a polynomial and 2^n is put together from the bits of n.
A sum with a large constant rounds to an integer and leaves that integer in the low bits of the sum.
2^n is multiplied in as two factors, so that subnormal results are rounded once and overflow gives
infinity. Polynomials: tools/fit_polynomials.py.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from ..formula import Term, fma, polynomial, select

# (e^r - 1 - r) / r^2, |r| <= 0.3467; error 2^-28.2 and 2^-57.9 relative to e^r
EXP_32: Final = (0.49999994, 0.16666518, 0.041668247, 0.008368953, 0.0013822491)
EXP_64: Final = (
    0.5000000000000011, 0.1666666666666645, 0.041666666666527075, 0.008333333333473412,
    0.0013888888944314352, 0.00019841269548612466, 2.4801492468907293e-05, 2.7557551064565808e-06,
    2.763045464113873e-07, 2.5010718297122304e-08,
)  # fmt: skip
# the same with the error relative to e^r - 1: 2^-26.1 and 2^-61.6
EXPM1_32: Final = (0.49999997, 0.16666542, 0.041667525, 0.008366683, 0.0013862448)
EXPM1_64: Final = (
    0.5, 0.16666666666666677, 0.0416666666666666, 0.008333333333321457, 0.0013888888888928335,
    0.0001984126988650898, 2.4801587227582338e-05, 2.7557243859914046e-06, 2.755736187845215e-07,
    2.5109150342499663e-08, 2.0886628566207795e-09,
)  # fmt: skip

LOG2_E: Final = 1.4426950408889634
# ln 2 in two parts of each dtype
LN2_32: Final = (0.693147182, -1.90465421e-09)
LN2_64: Final = (0.6931471805599453, 2.3190468138462996e-17)


class Scaled(NamedTuple):
    """e^x as `(1 + excess) low high`: the last two are powers of two that are never subnormal."""

    excess: Term
    low: Term
    high: Term

    def times(self, factor: Term | None = None, tail: Term | None = None) -> Term:
        """The value, times a factor if there is one; rounded once more where it is subnormal.

        A tail, what rounding the factor has lost, is worth it where the result must be very good.
        """
        excess = self.excess
        if factor is None:
            mantissa = excess + 1.0
        elif tail is None:
            mantissa = fma(excess, factor, factor)
        else:
            mantissa = factor + fma(excess, factor, fma(excess, tail, tail))
        return mantissa * self.high * self.low


def exp(x: Term) -> Term:
    """e^x."""
    bounded, shifted = _bounded(x)
    return _exp_reduced(reduce_by_ln2(bounded, shifted - _magic(x)), shifted)


def exp2(x: Term) -> Term:
    """2^x; exact for integers."""
    bounded = x.at_most(x.pick(129, 1025)).at_least(x.pick(-151, -1076))
    n = bounded.unary("round")
    r = (bounded - n) * x.pick(LN2_32[0], LN2_64[0])
    return _exp_reduced(r, n + _magic(x))


def expm1(x: Term) -> Term:
    """e^x - 1 without cancellation near 0."""
    half = _expm1_halved(x.at_most(x.pick(89, 710)).at_least(x.pick(-20, -40)))
    # fma(s, p, s) loses the sign of zero only
    return select(x.equals(0), x, half + half)


def sigmoid(x: Term) -> Term:
    """1 / (1 + e^-x), from e^-|x| so that nothing overflows.

    With y = e^-|x| and q = y / (1 + y) it is y - y q for negative numbers, which has lost less than
    q where y is small, else 1 - q. As y is at most 1, one factor makes it: a power of two that is
    never subnormal, as it is too large by one that the second takes back.
    """
    y, above_one = _exp_of_negative(-abs(x))
    q = y.over(above_one)  # of a y below 2^-64 no digit of it matters
    start = select(x.bits < 0, y, 1.0)
    return fma(-start, q, start)


def exp_scaled(x: Term, tail: Term | None = None, down: int = 0) -> Scaled:
    """e^(x + tail) / 2^down with the power of two apart; the tail is tiny against x.

    One instruction more than `exp` rounds 1 + excess to 0.7 ulp, for what computes on with it.
    """
    bounded, shifted = _bounded(x)
    r = reduce_by_ln2(bounded, shifted - _magic(x), tail)
    excess = fma(r * r, polynomial(r, EXP_64 if x.is_double else EXP_32), r)
    return Scaled(excess, *_power_of_two(shifted - down if down else shifted))


def _exp_of_negative(x: Term) -> tuple[Term, Term]:
    """e^x to 0.7 ulp for numbers that are not positive, rounded once more where it is subnormal;
    and 1 + e^x.
    """
    width, bias, spare = (52, 1023, 64) if x.is_double else (23, 127, 32)
    magic = x.constant(1.5 * 2**width + bias + spare)
    bounded = x.at_least(x.pick(-105, -746))
    shifted = fma(bounded, LOG2_E, magic)
    r = reduce_by_ln2(bounded, shifted - magic)
    excess = fma(r * r, polynomial(r, EXP_64 if x.is_double else EXP_32), r)
    power = (shifted.bits << width).as_float
    large = fma(excess, power, power)
    return large * 2.0**-spare, fma(large, 2.0**-spare, 1.0)


def reduce_by_ln2(x: Term, n: Term, tail: Term | None = None) -> Term:
    """x + tail - n ln 2 with ln 2 in two parts; the first product cancels exactly."""
    high, low = LN2_64 if x.is_double else LN2_32
    coarse = fma(n, -high, x)
    return fma(n, -low, coarse) if tail is None else coarse + fma(n, -low, tail)


def nearest_power(x: Term, rate: Term) -> tuple[Term, Term]:
    """(r, s) with e^x = s e^r, s = 2^n and n the integer nearest to `rate * x`.

    ln 2 is taken in one part: for formulas in which r matters less as x grows.
    """
    shifted = fma(x, rate, _magic(x))
    n = shifted - _magic(x)
    return fma(n, -x.pick(LN2_32[0], LN2_64[0]), x), _exponent(shifted.bits)


def _expm1_halved(x: Term) -> Term:
    """(e^x - 1) / 2, which is finite whenever e^x nearly is."""
    shifted = fma(x, LOG2_E, _magic(x))
    r = reduce_by_ln2(x, shifted - _magic(x))
    p = fma(r * r, polynomial(r, EXPM1_64 if x.is_double else EXPM1_32), r)
    half = _exponent(shifted.bits - 1)
    return fma(half, p, half - 0.5)


def _exp_reduced(r: Term, shifted: Term) -> Term:
    q = polynomial(r, EXP_64 if r.is_double else EXP_32)
    low, high = _power_of_two(shifted)
    return fma(fma(q, r, 1.0), r, 1.0) * high * low


def _bounded(x: Term) -> tuple[Term, Term]:
    """x where the result is neither 0 nor infinity, and n beside the magic number."""
    bounded = x.at_most(x.pick(90, 711)).at_least(x.pick(-105, -746))
    return bounded, fma(bounded, LOG2_E, _magic(x))


def _magic(x: Term) -> Term:
    """1.5 * 2^52 (2^23) plus twice the bias: its sum with a number ends in the number plus that."""
    return x.pick(1.5 * 2**23 + 254, 1.5 * 2**52 + 2046)


def _power_of_two(shifted: Term) -> tuple[Term, Term]:
    """Two powers of two whose product is 2^n, for n + 2 bias in the low bits."""
    width = 52 if shifted.is_double else 23
    bits = shifted.unsigned_bits
    half = bits >> 1
    return (half << width).as_float, ((bits - half) << width).as_float


def _exponent(bits: Term) -> Term:
    """2^n for n + 2 bias in the low bits, n not smaller than the least normal exponent."""
    width, bias = (52, 1023) if bits.dtype.bits == 64 else (23, 127)
    return ((bits - bias) << width).as_float
