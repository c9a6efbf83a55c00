"""Functions of real and integer numbers, element by element.

Functions of reals take integers and booleans as `f32` (`f64` for integers of 64 bits other than
`index`) and keep a float's dtype; `f16` and `bf16` are computed in `f32` and rounded once.
Constants are computed when compiling. Special values are NumPy's. The error bounds hold without
`fastmath=True`.
"""

from __future__ import annotations

import math
from typing import Any

from .. import ir
from ..errors import CompileError
from ..promotion import division_dtype
from ..types import f32, f64
from .arguments import as_integer
from .arithmetic import binary, function_of_two, unary
from .comparison import compare
from .constants import fits
from .table import Context, builtin
from .values import as_number, as_operand, as_value, cast, common_dtype, unify

# --- magnitude and rounding ---------------------------------------------------------------------


@builtin("builtins.abs", "numpy.absolute", method=True)
def abs_(context: Context, x: object) -> Any:
    """The magnitude, exact; of the least integer it is that integer again. Keeps the dtype."""
    return unary(context.builder, "abs", x)


@builtin("numpy.floor")
def floor(context: Context, x: object) -> Any:
    """The largest whole number not above `x`, in its dtype; exact."""
    return unary(context.builder, "floor", x)


@builtin("numpy.ceil")
def ceil(context: Context, x: object) -> Any:
    """The least whole number not below `x`, in its dtype; exact."""
    return unary(context.builder, "ceil", x)


@builtin("numpy.trunc")
def trunc(context: Context, x: object) -> Any:
    """`x` without its fraction, in its dtype; exact."""
    return unary(context.builder, "trunc", x)


@builtin("numpy.rint", "numpy.round", "numpy.around", method=True)
def round_(context: Context, a: object, decimals: object = 0) -> Any:
    """The nearest number of so many decimals, ties to even, in the dtype of `a`.

    Exact without decimals; with them, as in NumPy, `a` is multiplied by a power of ten, rounded,
    and divided by it. Negative `decimals` round to tens, hundreds, ...; integers exactly.
    """
    b = context.builder
    places = as_integer(decimals, "decimals")
    whole = unary(b, "round", a)
    if not places:
        return whole
    number = as_number(a)
    if isinstance(number, int) and not isinstance(number, bool):
        return type(number)(round(number, places))
    dtype = f64 if number is not None else as_value(b, whole).tile.dtype
    if not dtype.is_float:
        return whole if places > 0 else _round_to_multiples(b, as_value(b, whole), 10**-places)
    most = 308 if dtype is f64 else 38
    if abs(places) > most:
        raise CompileError(f"round to {places} decimals, expected -{most} to {most}")
    scale = 10.0 ** abs(places)
    there, back = ("mul", "truediv") if places > 0 else ("truediv", "mul")
    if number is not None:
        return binary(b, back, unary(b, "round", binary(b, there, number, scale)), scale)
    wide = cast(b, as_value(b, a), dtype if dtype.bits >= 32 else f32)
    return cast(b, binary(b, back, unary(b, "round", binary(b, there, wide, scale)), scale), dtype)


def _round_to_multiples(b: ir.Builder, x: ir.Value, size: int) -> Any:
    """Integers to the nearest multiple, of two the one that is even as a count of them."""
    if not fits(size, x.tile.dtype):
        return binary(b, "mul", x, 0)
    count = binary(b, "floordiv", x, size)
    rest = binary(b, "sub", x, binary(b, "mul", count, size))
    missing = binary(b, "sub", size, rest)
    is_odd = compare(b, "ne", binary(b, "and", count, 1), 0)
    is_tie = binary(b, "and", compare(b, "eq", rest, missing), is_odd)
    is_up = binary(b, "or", compare(b, "gt", rest, missing), is_tie)
    return binary(b, "mul", binary(b, "add", count, cast(b, is_up, x.tile.dtype)), size)


# --- exponentials and logarithms -----------------------------------------------------------------


@builtin("math.exp", "numpy.exp")
def exp(context: Context, x: object) -> Any:
    """e to the power `x`. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "exp", x)


@builtin("math.exp2", "numpy.exp2")
def exp2(context: Context, x: object) -> Any:
    """2 to the power `x`. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "exp2", x)


@builtin("math.expm1", "numpy.expm1")
def expm1(context: Context, x: object) -> Any:
    """`exp(x) - 1`, accurate near 0. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "expm1", x)


@builtin("numpy.log")
def log(context: Context, x: object) -> Any:
    """The natural logarithm; -inf at 0, NaN below. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "log", x)


@builtin("math.log2", "numpy.log2")
def log2(context: Context, x: object) -> Any:
    """The logarithm to base 2; -inf at 0, NaN below. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "log2", x)


@builtin("math.log10", "numpy.log10")
def log10(context: Context, x: object) -> Any:
    """The logarithm to base 10; -inf at 0, NaN below. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "log10", x)


@builtin("math.log1p", "numpy.log1p")
def log1p(context: Context, x: object) -> Any:
    """`log(1 + x)`, accurate near 0. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "log1p", x)


@builtin()
def sigmoid(context: Context, x: object) -> Any:
    """`1 / (1 + exp(-x))`, without overflow on either side. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "sigmoid", x)


# --- roots ---------------------------------------------------------------------------------------


@builtin("math.sqrt", "numpy.sqrt")
def sqrt(context: Context, x: object) -> Any:
    """The square root, correctly rounded; NaN below 0."""
    return unary(context.builder, "sqrt", x)


@builtin()
def rsqrt(context: Context, x: object) -> Any:
    """`1 / sqrt(x)`; inf at 0, NaN below. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "rsqrt", x)


@builtin("math.cbrt", "numpy.cbrt")
def cbrt(context: Context, x: object) -> Any:
    """The cube root, of negative numbers too. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "cbrt", x)


# --- trigonometry --------------------------------------------------------------------------------


@builtin("math.sin", "numpy.sin")
def sin(context: Context, x: object) -> Any:
    """The sine of an angle in radians, of any size. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "sin", x)


@builtin("math.cos", "numpy.cos")
def cos(context: Context, x: object) -> Any:
    """The cosine of an angle in radians, of any size. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "cos", x)


@builtin("math.tan", "numpy.tan")
def tan(context: Context, x: object) -> Any:
    """The tangent of an angle in radians, of any size. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "tan", x)


@builtin("math.asin", "numpy.arcsin")
def asin(context: Context, x: object) -> Any:
    """The angle in [-pi/2, pi/2] whose sine is `x`; NaN outside [-1, 1].

    At most 2 ulp in f32, 4 in f64.
    """
    return unary(context.builder, "asin", x)


@builtin("math.acos", "numpy.arccos")
def acos(context: Context, x: object) -> Any:
    """The angle in [0, pi] whose cosine is `x`; NaN outside [-1, 1].

    At most 2 ulp in f32, 4 in f64.
    """
    return unary(context.builder, "acos", x)


@builtin("math.atan", "numpy.arctan")
def atan(context: Context, x: object) -> Any:
    """The angle in [-pi/2, pi/2] whose tangent is `x`. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "atan", x)


@builtin("math.sinh", "numpy.sinh")
def sinh(context: Context, x: object) -> Any:
    """The hyperbolic sine. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "sinh", x)


@builtin("math.cosh", "numpy.cosh")
def cosh(context: Context, x: object) -> Any:
    """The hyperbolic cosine. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "cosh", x)


@builtin("math.tanh", "numpy.tanh")
def tanh(context: Context, x: object) -> Any:
    """The hyperbolic tangent. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "tanh", x)


@builtin("math.asinh", "numpy.arcsinh")
def asinh(context: Context, x: object) -> Any:
    """The inverse of `sinh`. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "asinh", x)


@builtin("math.acosh", "numpy.arccosh")
def acosh(context: Context, x: object) -> Any:
    """The inverse of `cosh` that is not negative; NaN below 1. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "acosh", x)


@builtin("math.atanh", "numpy.arctanh")
def atanh(context: Context, x: object) -> Any:
    """The inverse of `tanh`; infinite at -1 and 1, NaN beyond. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "atanh", x)


# --- special functions ---------------------------------------------------------------------------


@builtin("math.erf")
def erf(context: Context, x: object) -> Any:
    """The error function, `2 / sqrt(pi)` times the integral of `exp(-t * t)` from 0 to `x`.

    At most 2 ulp in f32, 4 in f64.
    """
    return unary(context.builder, "erf", x)


@builtin("math.erfc")
def erfc(context: Context, x: object) -> Any:
    """`1 - erf(x)`, accurate where that is small. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "erfc", x)


@builtin()
def erfinv(context: Context, x: object) -> Any:
    """The inverse of `erf`; infinite at -1 and 1, NaN beyond. At most 2 ulp in f32, 4 in f64."""
    return unary(context.builder, "erfinv", x)


@builtin("math.lgamma")
def lgamma(context: Context, x: object) -> Any:
    """The logarithm of the magnitude of the gamma function.

    At most 2 ulp in f32, 4 in f64, relative to max(1, |result|).
    """
    return unary(context.builder, "lgamma", x)


# --- functions of two and three -----------------------------------------------------------------


@builtin("numpy.power")
def pow_(context: Context, x1: object, x2: object) -> Any:
    """`x1` to the power `x2`. At most 2 ulp in f32, 4 in f64.

    Integers to an integer power multiply, and wrap: a negative constant power is a `CompileError`,
    a negative computed one gives 0.
    """
    if as_number(x2) == 0.5 and isinstance(x1, ir.Value):
        return function_of_two(
            context.builder, "pow", x1, x2
        )  # a square root but for -inf and -0.0
    return binary(context.builder, "pow", x1, x2)


@builtin("math.atan2", "numpy.arctan2")
def atan2(context: Context, x1: object, x2: object) -> Any:
    """The angle in [-pi, pi] of the point (`x2`, `x1`). At most 2 ulp in f32, 4 in f64."""
    return binary(context.builder, "atan2", x1, x2)


@builtin("math.hypot", "numpy.hypot")
def hypot(context: Context, x1: object, x2: object) -> Any:
    """`sqrt(x1 * x1 + x2 * x2)` without overflow on the way. At most 2 ulp in f32, 4 in f64."""
    return binary(context.builder, "hypot", x1, x2)


@builtin("math.copysign", "numpy.copysign")
def copysign(context: Context, x1: object, x2: object) -> Any:
    """The magnitude of `x1` with the sign of `x2`, that of -0.0 and NaN included; exact."""
    return binary(context.builder, "copysign", x1, x2)


@builtin("math.fma")
def fma(context: Context, x: object, y: object, z: object) -> ir.Value:
    """`x * y + z` with a single rounding, in the float dtype that the three meet in."""
    operands = as_operand(x), as_operand(y), as_operand(z)
    dtype = division_dtype(common_dtype(*operands))
    return context.builder.add(ir.Fma(*unify(context.builder, *operands, dtype=dtype)))


# --- tests and bits -----------------------------------------------------------------------------


@builtin("math.isnan", "numpy.isnan")
def isnan(context: Context, x: object) -> Any:
    """Whether `x` is NaN, as `bool_`."""
    return unary(context.builder, "isnan", x)


@builtin("math.isinf", "numpy.isinf")
def isinf(context: Context, x: object) -> Any:
    """Whether `x` is infinite, as `bool_`."""
    return unary(context.builder, "isinf", x)


@builtin("math.isfinite", "numpy.isfinite")
def isfinite(context: Context, x: object) -> Any:
    """Whether `x` is neither infinite nor NaN, as `bool_`."""
    return unary(context.builder, "isfinite", x)


@builtin("numpy.bitwise_count")
def popcount(context: Context, x: object) -> Any:
    """The number of ones in the bit pattern of an integer, in its dtype.

    Of a negative number these are the bits of its two's complement (NumPy counts its magnitude's).
    """
    return unary(context.builder, "popcount", x)


@builtin()
def clz(context: Context, x: object) -> Any:
    """The number of zeros above the highest one in the bit pattern of an integer, in its dtype.

    Of 0 it is the width of the dtype.
    """
    return unary(context.builder, "clz", x)


# --- spellings of `math` that differ from NumPy's -----------------------------------------------


@builtin("math.floor", name="floor", public=False)
def _math_floor(context: Context, x: object) -> Any:
    """`math.floor`: an integer of a constant, as in Python; of a value, as `tw.floor`."""
    return _whole(context, "floor", x)


@builtin("math.ceil", name="ceil", public=False)
def _math_ceil(context: Context, x: object) -> Any:
    """`math.ceil`: an integer of a constant, as in Python; of a value, as `tw.ceil`."""
    return _whole(context, "ceil", x)


@builtin("math.trunc", name="trunc", public=False)
def _math_trunc(context: Context, x: object) -> Any:
    """`math.trunc`: an integer of a constant, as in Python; of a value, as `tw.trunc`."""
    return _whole(context, "trunc", x)


@builtin("math.fabs", "numpy.fabs", name="fabs", public=False)
def _math_fabs(context: Context, x: object) -> Any:
    """`math.fabs` and `np.fabs`: the magnitude as a float."""
    number = as_number(x)
    if number is not None:
        return math.fabs(number)
    operand = as_operand(x)
    dtype = division_dtype(common_dtype(operand))
    return unary(context.builder, "abs", cast(context.builder, operand, dtype))


@builtin("math.log", name="log", public=False)
def _math_log(context: Context, x: object, base: object = None) -> Any:
    """`math.log`: the natural logarithm, or that to a base."""
    logarithm = unary(context.builder, "log", x)
    if base is None:
        return logarithm
    return binary(context.builder, "truediv", logarithm, unary(context.builder, "log", base))


@builtin("math.pow", name="pow", public=False)
def _math_pow(context: Context, x: object, y: object) -> Any:
    """`math.pow`: the power of two floats."""
    left, right = as_number(x), as_number(y)
    if left is not None and right is not None:
        return binary(context.builder, "pow", float(left), float(right))
    return function_of_two(context.builder, "pow", x, y)


def _whole(context: Context, kind: str, x: object) -> Any:
    found = unary(context.builder, kind, x)
    number = as_number(found)
    if number is None:
        return found
    if not math.isfinite(number):
        raise CompileError(f"`math.{kind}` of {number}")
    return int(number)
