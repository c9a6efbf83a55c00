"""sin, cos and tan.

x = (n or n + 1/2) pi + r with pi in three parts and |r| <= pi/2: then both sin and cos are, but for the
sign, the odd polynomial of r. Multiples of pi beyond the reach of three parts are taken off in integers
(Payne and Hanek), in a region that is skipped while no lane needs it.
Polynomials: tools/fit_polynomials.py.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl.types import f64, i64, u64

from ..formula import Term, fma, polynomial, rarely, select

# (sin(r) / r - 1) / r^2 in r^2, |r| <= pi/2; error 2^-27.3 and 2^-61.9
# (f32: then searched around for the least error of the evaluation in f32, and no sine above 1)
SIN_32: Final = (-0.166666597, 0.00833306927, -0.000198098351, 2.60611841e-06)
SIN_64: Final = (
    -0.16666666666666666, 0.008333333333333241, -0.00019841269841235738, 2.7557319217566463e-06,
    -2.5052107695064155e-08, 1.6058999559509365e-10, -7.645485543859891e-13, 2.7766016150344652e-15,
    -5.0954682138734385e-18,
)  # fmt: skip
# (tan(r) / r - 1) / r^2 in r^2, |r| <= pi/4; error 2^-29.5 and 2^-63.7
TAN_32: Final = (
    0.3333335, 0.13332683, 0.054057702, 0.02129337, 0.010807724, 0.00012391013, 0.00435993,
)  # fmt: skip
TAN_64: Final = (
    0.3333333333333333, 0.13333333333333786, 0.05396825396791693, 0.021869488548279886,
    0.008863235275869154, 0.0035921314644155257, 0.0014558027378965134, 0.0005902351569692281,
    0.00023813703006776517, 0.00010040693052520419, 3.0198616997235734e-05, 3.323331092541838e-05,
    -1.7256141933325135e-05, 2.495357074371679e-05, -1.222968031048767e-05, 4.464786536580116e-06,
)  # fmt: skip

# pi in three parts of each dtype, the nearest first
PI_32: Final = (3.14159274, -8.74227766e-08, -3.43024902e-15)
PI_64: Final = (3.141592653589793, 1.2246467991473532e-16, -2.9947698097183397e-33)

# Up to here n pi is n times the three parts to well below an ulp of the least remainder.
USUAL_32: Final = 2.0**17
USUAL_64: Final = 2.0**30

# The first 1216 bits of 1 / pi.
ONE_OVER_PI: Final = int(
    "517cc1b727220a94fe13abe8fa9a6ee06db14acc9e21c820ff28b1d5ef5de2b0db92371d2126e970"
    "0324977504e8c90e7f0ef58e5894d39f74411afa975da24274ce38135a2fbf209cc8eb1cc1a99cfa"
    "4e422fc5defc941d8ffc4bffef02cc07f79788c5ad05368fb69b3f6793e584dba7a31fb34f2ff516"
    "ba93dd63f5f2f8bd9e839cfbc529497535fdafd88fc6ae842b0198237e3db5d5",
    16,
)
ONE_OVER_PI_BITS: Final = 1216


def sin(x: Term) -> Term:
    """The sine of an angle in radians."""
    r, parity = _reduce(abs(x), 0, shift=False)
    return _with_sign(sin_reduced(r), _sign_of_odd(parity) ^ _sign_of(x))


def cos(x: Term) -> Term:
    """The cosine of an angle in radians."""
    r, parity = _reduce(abs(x), 0, shift=True)
    return _with_sign(sin_reduced(r), _sign_of_odd(parity))


def tan(x: Term) -> Term:
    """The tangent of an angle in radians: of the remainder, or -1 over it every other pi / 2."""
    r, lost, parity = _reduce_to_two(abs(x), 1)
    z = r * r
    rest = fma(r * z, polynomial(z, TAN_64 if x.is_double else TAN_32), lost)
    t = r + rest
    inverse = -1.0 / t
    # what rounding t has lost, and the division: one step of Newton's method
    missing = fma(inverse, (r - t) + rest, fma(inverse, t, 1.0))
    result = select(_sign_of_odd(parity) < 0, fma(inverse, missing, inverse), t)
    return _with_sign(result, _sign_of(x))


def sin_reduced(r: Term) -> Term:
    """The sine of an angle between -pi/2 and pi/2."""
    z = r * r
    if not r.is_double:
        return fma(r * z, polynomial(z, SIN_32), r)
    # in f64 rounding could lift the sine above 1
    return fma(r * z, polynomial(z, SIN_64), r).at_most(1.0).at_least(-1.0)


def _sign_of_odd(parity: Term) -> Term:
    """The sign bit, set where an integer is odd."""
    return parity << (parity.dtype.bits - 1)


def _sign_of(x: Term) -> Term:
    """The sign bit, set where the value is negative."""
    return x.bits & -(1 << (x.dtype.bits - 1))


def _with_sign(value: Term, sign: Term) -> Term:
    """The value, negated where the sign bit is set."""
    return (value.bits ^ sign).as_float


def _reduce(a: Term, halvings: int, shift: bool) -> tuple[Term, Term]:
    """(r, n) with a = n p + r, or (n - 1/2) p + r if `shift`; p = pi / 2^halvings, |r| <= p / 2.

    Only the lowest bit of n means something. `a` is not negative.
    """
    magic = a.pick(1.5 * 2.0**23, 1.5 * 2.0**52)
    turns = 2.0**halvings / 3.141592653589793
    shifted = fma(a, turns, 0.5) + magic if shift else fma(a, turns, magic)
    n = shifted - magic
    if shift:
        n = n - 0.5
    high, middle, low = _parts(a, halvings)
    usual = fma(n, low, fma(n, middle, fma(n, high, a)))
    is_huge = a > a.pick(USUAL_32, USUAL_64)
    r, parity = rarely(
        is_huge, lambda: _reduce_huge(a, halvings, shift), (usual, shifted.bits)
    )
    return r, parity


def _reduce_to_two(a: Term, halvings: int) -> tuple[Term, Term, Term]:
    """(r, t, n) with a = n p + r + t, t being what rounding r in its last step has lost."""
    magic = a.pick(1.5 * 2.0**23, 1.5 * 2.0**52)
    shifted = fma(a, 2.0**halvings / 3.141592653589793, magic)
    n = shifted - magic
    high, middle, low = _parts(a, halvings)
    coarse = fma(n, middle, fma(n, high, a))
    usual = fma(n, low, coarse)
    lost = fma(n, low, coarse - usual)

    def slow() -> tuple[Term, ...]:
        r, parity = _reduce_huge(a, halvings, shift=False)
        return r, a.constant(0.0), parity

    is_huge = a > a.pick(USUAL_32, USUAL_64)
    r, lost, parity = rarely(is_huge, slow, (usual, lost, shifted.bits))
    return r, lost, parity


def _parts(a: Term, halvings: int) -> list[float]:
    """-pi / 2^halvings in three parts, the greatest first."""
    return [-part / 2.0**halvings for part in (PI_64 if a.is_double else PI_32)]


def _reduce_huge(a: Term, halvings: int, shift: bool) -> tuple[Term, Term]:
    """The same by Payne and Hanek: the bits of a / p around the point, by integer products.

    a = m 2^e. Bits of 1 / p whose product with m 2^e is a multiple of 2 are left out; of the next 96
    (f64: 192) times m only the lowest 96 (192) bits matter, whose first is the lowest bit of n.
    """
    width, bias, count = (52, 1075, 6) if a.is_double else (23, 150, 3)
    bits = a.unsigned_bits
    mantissa = (bits & ((1 << width) - 1) | (1 << width)).to(u64)
    # the window begins at the bit of weight 2^-e; leading zeros keep that from being negative
    position = ((bits >> width) - (bias - 30 - halvings)).to(u64)
    words = _window(position, count)
    product = _multiply(mantissa, words, 2 if a.is_double else 1)
    top = (product[-1] << 32) | product[-2]
    if shift:
        top = top + (1 << 62)
    parity = (top + (1 << 62)) >> 63
    fraction = (top << 1).bitcast(i64).to(f64)
    if a.is_double:
        below = (product[-3] << 32) | product[-4]
        fraction = ((top << 1) | (below >> 63)).bitcast(i64).to(f64)
        # the lower half matters where the upper has cancelled
        fraction = fma((below << 1 >> 1).bitcast(i64).to(f64), 2.0**-63, fraction)
    r = (fraction * (3.141592653589793 / 2.0**halvings * 2.0**-64)).to(a.dtype)
    infinity = a.constant(float("inf"))
    return select(a < infinity, r, infinity - infinity), parity.to(a.bits.dtype)


def _window(position: Term, count: int) -> list[Term]:
    """`count` words of 32 bits, lowest first, of 31 zeros and 1 / pi, from a bit position on."""
    total = (ONE_OVER_PI_BITS + 31) // 32
    text = ONE_OVER_PI >> (ONE_OVER_PI_BITS - (32 * total - 31))
    numbers = [(text >> 32 * (total - 1 - k)) & 0xFFFFFFFF for k in range(total)]
    reach = 32 if count == 6 else 8
    words: list[Term] = [position.constant(number) for number in numbers[: reach + count]]
    index = position >> 5
    while reach > 1:
        reach //= 2
        chosen = (index & reach).differs(0)
        words = [
            select(chosen, words[k + reach], words[k]) for k in range(reach + count)
        ]
    offset = position & 31
    both = zip(words[:count], words[1 : count + 1], strict=True)
    shifted = [(((high << 32) | low) << offset) >> 32 for high, low in both]
    return shifted[::-1]


def _multiply(mantissa: Term, words: list[Term], limbs: int) -> list[Term]:
    """The product modulo 2^(32 len(words)), in words of 32 bits, lowest first."""
    low = 0xFFFFFFFF
    sums: list[Term] | None = None
    for limb in range(limbs):
        factor = (mantissa >> 32 * limb) & low
        carry: Term | None = None
        fresh: list[Term] = list(sums[:limb]) if sums else []
        for k in range(limb, len(words)):
            term = factor * words[k - limb]
            if carry is not None:
                term = term + carry
            if sums is not None:
                term = term + sums[k]
            fresh.append(term & low)
            carry = term >> 32
        sums = fresh
    assert sums is not None
    return sums
