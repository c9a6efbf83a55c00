"""sin, cos and tan.

x = (n or n + 1/2) pi + r with pi in three parts and |r| <= pi/2: then both sin and cos are, but for
the sign, the odd polynomial of r. Multiples of pi beyond the reach of three parts are taken off in
integers (Payne and Hanek), in a region that is skipped while no lane needs it. Polynomials:
tools/fit_polynomials.py.
"""

from __future__ import annotations

from typing import Final

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
    if shift:
        whole = fma(a, turns, 0.5).unary("round")
        shifted, n = whole + magic, whole - 0.5
    else:
        shifted = fma(a, turns, magic)
        n = shifted - magic
    high, middle, low = _parts(a, halvings)
    usual = fma(n, low, fma(n, middle, fma(n, high, a)))

    def slow() -> tuple[Term, ...]:
        r, _, parity = _reduce_huge(a, halvings, shift)
        return r, parity

    is_huge = a > a.pick(USUAL_32, USUAL_64)
    r, parity = rarely(is_huge, slow, (usual, shifted.bits))
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
        return _reduce_huge(a, halvings, shift=False)

    is_huge = a > a.pick(USUAL_32, USUAL_64)
    r, lost, parity = rarely(is_huge, slow, (usual, lost, shifted.bits))
    return r, lost, parity


def _parts(a: Term, halvings: int) -> list[float]:
    """-pi / 2^halvings in three parts, the greatest first."""
    return [-part / 2.0**halvings for part in (PI_64 if a.is_double else PI_32)]


def _reduce_huge(a: Term, halvings: int, shift: bool) -> tuple[Term, Term, Term]:
    """(r, t, n) by Payne and Hanek: the bits of a / p around the point, by integer products.

    a = m 2^e. Bits of 1 / p whose product with m 2^e is a multiple of 2 are left out; of the next
    three words times m only the lowest three words matter, and of these the first two, a fraction
    whose first bit is the lowest of n.
    """
    width, bias = (52, 1075) if a.is_double else (23, 150)
    word = a.dtype.bits
    bits = a.unsigned_bits
    mantissa = bits & ((1 << width) - 1) | (1 << width)
    # the window begins at the bit of weight 2^-e; leading zeros keep that from being negative
    window = _window((bits >> width) - (bias - 30 - halvings))
    first, second = _multiply(mantissa, window)
    if shift:
        first = first + (1 << (word - 2))
    parity = (first + (1 << (word - 2))) >> (word - 1)
    # without the bit of n: a signed fraction, whose first bits are exact in a float
    spare = word - width - 1
    lowest = (1 << spare) - 1
    fraction = (first << 1) | (second >> (word - 1))
    head = (fraction & ~lowest).bits.to(a.dtype) * 2.0**-word
    rest = (((fraction & lowest) << (word - spare)) | (second << 1 >> spare)) >> 1
    unit = 2.0 ** (spare + 1 - 2 * word)
    middle = (rest & ~lowest).bits.to(a.dtype) * unit
    total = head + middle
    lost = (head - total) + middle + (rest & lowest).bits.to(a.dtype) * unit
    high, low, _ = _parts(a, halvings)
    correction = fma(total, -low, lost * -high)
    r = fma(total, -high, correction)
    tail = fma(total, -high, -r) + correction
    return select(a < float("inf"), r, float("nan")), tail, parity.bits


def _window(position: Term) -> list[Term]:
    """Three words of 31 zeros and the bits of 1 / pi, from a bit position on, the first first."""
    word = position.dtype.bits
    total = (ONE_OVER_PI_BITS + 31) // word
    text = ONE_OVER_PI >> (ONE_OVER_PI_BITS + 31 - word * total)
    reach = 16 if word == 64 else 8
    numbers = [(text >> word * (total - 1 - k)) & ((1 << word) - 1) for k in range(reach + 3)]
    words = [position.constant(number) for number in numbers]
    index = position >> (6 if word == 64 else 5)
    while reach > 1:
        reach //= 2
        chosen = (index & reach).differs(0)
        words = [select(chosen, words[k + reach], words[k]) for k in range(reach + 3)]
    offset = position & (word - 1)
    rest = word - offset
    return [(words[k] << offset) | (words[k + 1] >> rest) for k in range(3)]


def _multiply(mantissa: Term, window: list[Term]) -> tuple[Term, Term]:
    """The first two words of the product modulo three words, by halves of words."""
    half = mantissa.dtype.bits // 2
    low = (1 << half) - 1
    halves = [part for word in reversed(window) for part in (word & low, word >> half)]
    factor = mantissa & low
    carry = (factor * halves[0]) >> half
    sums = []
    for part in halves[1:]:
        term = factor * part + carry
        sums.append(term & low)
        carry = term >> half
    factor = mantissa >> half
    carry = mantissa.constant(0)
    for k in range(5):
        term = factor * halves[k] + sums[k] + carry
        sums[k] = term & low
        carry = term >> half
    return (sums[4] << half) | sums[3], (sums[2] << half) | sums[1]
