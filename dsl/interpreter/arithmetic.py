"""What the elementwise kinds mean, one table row each.

`f16`, `bf16` and `f8` are computed in `f32` and rounded once. Math functions of `f32` are computed
in `f64` and rounded once; of `f64` they are those of NumPy and the C library, within 2 ulp.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

import numpy as np

from ..types import Dtype, f32
from .values import Data, is_narrow, narrow, widen

Function1 = Callable[[Any], Any]
Function2 = Callable[[Any, Any], Any]


def unary(kind: str, x: Data, dtype: Dtype) -> Data:
    """One function of one tile of `dtype`."""
    if kind in FLOAT_TESTS:
        return _array(FLOAT_TESTS[kind](widen(x, dtype)))
    if is_narrow(dtype):
        return narrow(unary(kind, widen(x, dtype), f32), dtype)
    if not dtype.is_float and kind in _WHOLE_ALREADY:
        return x
    if kind in BASIC_UNARY:
        return _array(BASIC_UNARY[kind](x))
    return _in_f64(MATH_UNARY[kind], x)


def binary(kind: str, left: Data, right: Data, dtype: Dtype) -> Data:
    """One function of two tiles of `dtype`."""
    if is_narrow(dtype):
        return narrow(binary(kind, widen(left, dtype), widen(right, dtype), f32), dtype)
    if kind in BASIC_BINARY:
        return _array(BASIC_BINARY[kind](left, right))
    return _in_f64(MATH_BINARY[kind], left, right)


def compare(kind: str, left: Data, right: Data, dtype: Dtype) -> Data:
    """A comparison of two tiles of `dtype`; with NaN only `ne` is true."""
    return _array(COMPARISONS[kind](widen(left, dtype), widen(right, dtype)))


def fma(a: Data, b: Data, c: Data, dtype: Dtype) -> Data:
    """`a * b + c` rounded once; narrow floats in `f32`, then rounded to their dtype."""
    if is_narrow(dtype):
        return narrow(fma(widen(a, dtype), widen(b, dtype), widen(c, dtype), f32), dtype)
    if dtype is f32:
        return _fma_f32(a, b, c)
    return _fma_f64(a, b, c)


def _array(result: Any) -> Data:
    return result  # type: ignore[no-any-return]


def _in_f64(function: Callable[..., Any], *operands: Data) -> Data:
    """Apply a function of `f64` and round to the dtype of the operands."""
    result = function(*[operand.astype(np.float64) for operand in operands])
    return np.asarray(result).astype(operands[0].dtype)


def _popcount(x: Data) -> Data:
    """The bits of the pattern, counted in parallel (Warren, Hacker's Delight, figure 5-2)."""
    v = x.view(f"u{x.dtype.itemsize}").astype(np.uint64)
    one, two, four = np.uint64(1), np.uint64(2), np.uint64(4)
    v = v - ((v >> one) & np.uint64(0x5555555555555555))
    v = (v & np.uint64(0x3333333333333333)) + ((v >> two) & np.uint64(0x3333333333333333))
    v = (v + (v >> four)) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return ((v * np.uint64(0x0101010101010101)) >> np.uint64(56)).astype(x.dtype)


def _clz(x: Data) -> Data:
    """The zeros above the highest one: the ones, once every bit below it is set, are the rest."""
    v = x.view(f"u{x.dtype.itemsize}").astype(np.uint64)
    for step in (1, 2, 4, 8, 16, 32):
        v = v | (v >> np.uint64(step))
    return (x.dtype.itemsize * 8 - _popcount(v).astype(np.int64)).astype(x.dtype)


def _shl(left: Data, right: Data) -> Data:
    count, too_far = _shift_count(right)
    return np.where(too_far, left.dtype.type(0), left << count)


def _shr(left: Data, right: Data) -> Data:
    count, too_far = _shift_count(right)
    beyond = np.where(left < 0, left.dtype.type(-1), left.dtype.type(0)) \
        if left.dtype.kind == "i" else left.dtype.type(0)  # fmt: skip
    return np.where(too_far, beyond, left >> count)


def _mulhi(left: Data, right: Data) -> Data:
    return (left.astype(np.uint64) * right.astype(np.uint64) >> np.uint64(32)).astype(np.uint32)


def _shift_count(right: Data) -> tuple[Data, Data]:
    """Counts below the width, and where the count was not; negative ones are huge."""
    width = right.dtype.itemsize * 8
    too_far = right.view(f"u{right.dtype.itemsize}") >= width
    return np.where(too_far, right.dtype.type(0), right), too_far


def _sigmoid(x: Data) -> Data:
    small = np.exp(-np.abs(x))  # never overflows, and is exact enough where the result is tiny
    return np.where(x < 0, small, 1.0) / (1.0 + small)


def _lgamma(x: Data) -> Data:
    """The logarithm of |gamma|, in more than 64 bits (CPython's own is off by up to 6 ulp).

    Stirling's series from 16 on, the recurrence below, below a half the reflection.
    """
    wide = x.astype(np.longdouble)
    is_left = wide < 0.5
    y = np.where(is_left, 1.0 - wide, wide)
    product = np.ones_like(y)
    for _ in range(16):
        is_small = y < 16.0
        product, y = np.where(is_small, product * y, product), np.where(is_small, y + 1.0, y)
    log = np.log(y)
    series = np.zeros_like(y)
    for numerator, denominator in reversed(_STIRLING):
        series = (series / y + np.longdouble(numerator) / denominator) / y
    value = (y - 0.5) * (log - 1.0) - 0.5 + np.log(2.0 * _PI) / 2.0 + series - np.log(product)
    part = wide - np.rint(wide)
    reflected = np.log(_PI / np.abs(np.sin(_PI * part))) - value
    result = np.where(is_left, reflected, value)
    is_pole = (wide <= 0.0) & (part == 0.0)
    return np.where(is_pole | np.isinf(x), np.inf, result).astype(np.float64)


def _elementwise(function: Callable[[float], float]) -> Function1:
    """A function of one Python float, over `f64` tiles."""
    over_objects = np.frompyfunc(function, 1, 1)
    return lambda x: np.asarray(over_objects(x)).astype(np.float64)


_erf: Final = _elementwise(math.erf)
_erfc: Final = _elementwise(math.erfc)


def _erfinv(x: Data) -> Data:
    """The inverse of `erf`: a rough start, then Halley's steps.

    The start is S. Winitzki's (2008), right to 2e-3; each step triples the digits. Above a half the
    residual is taken from `erfc`, since 1 - |x| is exact there.
    """
    size = np.abs(x)
    inside = np.where(size < 1.0, size, 0.0)
    tail = 1.0 - inside
    a = 0.147
    log = np.log(tail * (1.0 + inside))
    half = 2.0 / (np.pi * a) + log / 2.0
    y = np.sqrt(np.sqrt(half * half - log / a) - half)
    for _ in range(3):
        residual = np.where(inside < 0.5, _erf(y) - inside, tail - _erfc(y))
        step = residual / (2.0 / math.sqrt(math.pi) * np.exp(-y * y))
        y = y - step / (1.0 + y * step)
    y = np.where(inside == 0.0, 0.0, y)
    y = np.where(size < 1.0, y, np.where(size == 1.0, np.inf, np.nan))
    return np.copysign(y, x)


def _fma_f32(a: Data, b: Data, c: Data) -> Data:
    """The product is exact in `f64`; the sum is rounded to odd there, then to `f32`."""
    product = a.astype(np.float64) * b.astype(np.float64)
    return _add_to_odd(product, c.astype(np.float64)).astype(np.float32)


def _fma_f64(a: Data, b: Data, c: Data) -> Data:
    """Error-free products and sums where no step can over- or underflow, fractions elsewhere.

    Boldo and Melquiond, "Emulation of a FMA and Correctly Rounded Sums", 2008, figure 3.
    """
    a, b, c = (np.asarray(x) for x in np.broadcast_arrays(a, b, c))
    plain = a * b + c
    exact_zero = (a == 0) | (b == 0)
    finite = np.isfinite(a) & np.isfinite(b) & np.isfinite(c)
    tame = _within(a, 400) & _within(b, 400) & (_within(c, 850) | (c == 0))
    high, low = _multiply_exactly(a, b)
    upper, lower = _add_exactly(c, low)
    total, rest = _add_exactly(high, upper)
    result = np.where(finite & tame, total + _add_to_odd(rest, lower), plain)
    wild = np.argwhere(finite & ~tame & ~exact_zero)
    for position in map(tuple, wild):
        result[position] = _fma_of_fractions(*(float(x[position]) for x in (a, b, c)))
    return _array(result[()])


def _fma_of_fractions(a: float, b: float, c: float) -> float:
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    try:
        return exact.numerator / exact.denominator  # correctly rounded, -0.0 included
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def _within(x: Data, exponent: int) -> Data:
    size = np.abs(x)
    return _array((size > 2.0**-exponent) & (size < 2.0**exponent))


def _add_exactly(a: Data, b: Data) -> tuple[Data, Data]:
    """The rounded sum and what the rounding lost (Knuth's TwoSum)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _multiply_exactly(a: Data, b: Data) -> tuple[Data, Data]:
    """The rounded product and what the rounding lost (Dekker's product, Veltkamp's split)."""
    product = a * b
    a_high, a_low = _split(a)
    b_high, b_low = _split(b)
    lost = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, lost


def _split(x: Data) -> tuple[Data, Data]:
    scaled = x * 134217729.0  # 2^27 + 1 leaves 26 bits in each half
    high = scaled - (scaled - x)
    return high, x - high


def _add_to_odd(a: Data, b: Data) -> Data:
    """The sum of `f64`; where it is not exact, the neighbour whose last bit is 1."""
    total, lost = _add_exactly(a, b)
    bits = np.asarray(total).view(np.int64)
    inexact = np.isfinite(total) & (lost != 0) & (bits & 1 == 0)
    outward = (lost > 0) == (total > 0)
    return np.where(inexact, bits + np.where(outward, 1, -1), bits).view(np.float64)


_PI: Final = np.longdouble("3.14159265358979323846264338327950288")

# B(2k) / (2k (2k - 1)), the coefficients of 1 / y, 1 / y^3, ...
_STIRLING: Final = (
    (1, 12), (-1, 360), (1, 1260), (-1, 1680), (1, 1188), (-691, 360360), (1, 156),
    (-3617, 122400),
)  # fmt: skip

_WHOLE_ALREADY: Final = frozenset(("floor", "ceil", "round", "trunc"))

FLOAT_TESTS: Final[dict[str, Function1]] = {
    "isnan": np.isnan, "isinf": np.isinf, "isfinite": np.isfinite,
}  # fmt: skip

BASIC_UNARY: Final[dict[str, Function1]] = {
    "neg": np.negative, "not": np.invert, "abs": np.absolute, "sqrt": np.sqrt, "floor": np.floor,
    "ceil": np.ceil, "round": np.rint, "trunc": np.trunc, "popcount": _popcount, "clz": _clz,
    "rsqrt_guess": lambda x: 1.0 / np.sqrt(x),
}  # fmt: skip

MATH_UNARY: Final[dict[str, Function1]] = {
    "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1,
    "log": np.log, "log2": np.log2, "log10": np.log10, "log1p": np.log1p,
    "rsqrt": lambda x: 1.0 / np.sqrt(x), "cbrt": np.cbrt,
    "sin": np.sin, "cos": np.cos, "tan": np.tan,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan,
    "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
    "erf": _erf, "erfc": _erfc, "erfinv": _erfinv, "lgamma": _lgamma,
    "sigmoid": _sigmoid,
}  # fmt: skip

BASIC_BINARY: Final[dict[str, Function2]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide,
    "floordiv": np.floor_divide, "mod": np.mod, "min": np.minimum, "max": np.maximum,
    "and": np.bitwise_and, "or": np.bitwise_or, "xor": np.bitwise_xor,
    "shl": _shl, "shr": _shr, "copysign": np.copysign, "mulhi": _mulhi, "div_near": np.divide,
}  # fmt: skip

MATH_BINARY: Final[dict[str, Function2]] = {
    "pow": np.power, "atan2": np.arctan2, "hypot": np.hypot,
}  # fmt: skip

COMPARISONS: Final[dict[str, Function2]] = {
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater,
    "ge": np.greater_equal,
}  # fmt: skip
