"""Operators on values and Python numbers: promotion, broadcasting and the ops that come out.

The frontend's operators and the builtins share these functions. Two Python numbers are computed by
Python, with its semantics, and stay weak. Every function takes the builder first and raises
`CompileError` for what LANGUAGE.md section 3 refuses.
"""

from __future__ import annotations

from typing import Any, Final

from .. import ir
from ..errors import CompileError
from ..ir.ops import MATH_UNARY
from ..promotion import arithmetic_dtype, division_dtype
from ..types import Dtype, Kind, bool_, f32, i32, i64, index
from .comparison import compare
from .constants import fits
from .folding import fold_binary, fold_unary
from .values import (
    SYMBOLS,
    Operand,
    as_number,
    as_operand,
    as_value,
    broadcast,
    cast,
    common_dtype,
    common_shape,
    constant,
    describe,
    literal,
    meet,
    pair,
    unify,
)

__all__ = [
    "SYMBOLS", "Operand", "as_number", "as_operand", "as_value", "binary", "broadcast", "cast",
    "common_dtype", "common_shape", "compare", "constant", "describe", "function_of_two", "literal",
    "meet", "multiply_repeatedly", "nonzero", "select", "truth", "unary", "unify",
]  # fmt: skip

_REAL_FUNCTIONS: Final = frozenset((*MATH_UNARY, "sqrt", "isnan", "isinf", "isfinite"))
_WHOLE: Final = frozenset(("floor", "ceil", "round", "trunc"))


def unary(b: ir.Builder, kind: str, x: object) -> Operand:
    """`-x`, `+x`, `~x` (`neg`, `pos`, `not`) and every function of one operand that the IR has.

    Functions of real numbers take integers as floats: `f32` up to 32 bits, else `f64`.
    """
    x = as_operand(x)
    if not isinstance(x, ir.Value):
        folded = fold_unary(kind, x)
        if folded is not None:
            return folded
        x = as_value(b, float(x) if kind in _REAL_FUNCTIONS else x)
    dtype = x.tile.dtype
    if dtype.is_pointer:
        raise CompileError(f"`{SYMBOLS.get(kind, kind)}` of {describe(x)}")
    if kind == "not":
        if dtype.is_float:
            raise CompileError(
                f"`~` of {describe(x)}, expected an integer or bool_",
                "a mask comes of a comparison; `.to(tw.i32)` casts",
            )
        return b.add(ir.Unary("not", x))
    if kind in ("popcount", "clz"):
        if dtype.is_float:
            raise CompileError(f"{kind} of {describe(x)}, expected an integer")
        counted = i64 if dtype is index else arithmetic_dtype(dtype)
        return b.add(ir.Unary(kind, cast(b, x, counted)))
    if kind in _REAL_FUNCTIONS:
        return b.add(ir.Unary(kind, cast(b, x, division_dtype(dtype))))
    x = cast(b, x, arithmetic_dtype(dtype))
    if kind == "pos" or (kind in _WHOLE and not x.tile.dtype.is_float):
        return x
    if kind == "abs" and x.tile.dtype.kind is Kind.UNSIGNED:
        return x
    return b.add(ir.Unary(kind, x))


def binary(b: ir.Builder, kind: str, x: object, y: object) -> Any:
    """An operator or function of two operands: the IR's kinds, and `truediv` and `pow` as Python's.

    Two constants (numbers, strings, tuples) are computed by Python. `min` and `max` keep `bool_`.
    """
    if not isinstance(x, ir.Value) and not isinstance(y, ir.Value):
        return fold_binary(kind, x, y)
    x, y = as_operand(x), as_operand(y)
    if _is_pointer(x) or _is_pointer(y):
        return _move_pointer(b, kind, x, y)
    match kind:
        case "add" | "sub" | "mul" | "floordiv" | "mod":
            return _arithmetic(b, kind, x, y)
        case "truediv" | "div":
            return _divide(b, x, y)
        case "pow":
            return _power(b, x, y)
        case "and" | "or" | "xor":
            return _bitwise(b, kind, x, y)
        case "shl" | "shr":
            return _shift(b, kind, x, y)
        case "min" | "max":
            return _extreme(b, kind, x, y)
        case "copysign" | "atan2" | "hypot":
            left, right = pair(b, x, y, division_dtype(meet(x, y)))
            return b.add(ir.Binary(kind, left, right))
    raise AssertionError(f"no binary operator is called {kind}")


def select(b: ir.Builder, condition: object, yes: object, no: object) -> ir.Value:
    """`yes` where the condition holds, else `no`, in their common dtype and the shape of all three.

    A scalar condition stays a scalar beside tiles.
    """
    condition = as_value(b, condition)
    if condition.tile.dtype is not bool_:
        raise CompileError(f"the condition must be bool_, found {describe(condition)}")
    yes, no = as_operand(yes), as_operand(no)
    shape = common_shape(condition, yes, no)
    dtype = common_dtype(yes, no)
    strong = next((value for value in (yes, no) if isinstance(value, ir.Value)), None)
    sides = [
        broadcast(b, cast(b, side, dtype), shape)
        if isinstance(side, ir.Value)
        else literal(b, side, dtype, shape, strong)
        for side in (yes, no)
    ]
    if not condition.tile.is_scalar:
        condition = broadcast(b, condition, shape)
    return b.add(ir.Select(condition, *sides))


def truth(b: ir.Builder, x: object) -> ir.Value | bool:
    """`x` as a condition: a scalar is tested against zero, a tile must be boolean already.

    A constant gives Python's `bool` of it.
    """
    if not isinstance(x, ir.Value):
        return bool(x)
    tile = as_value(b, x).tile
    if tile.dtype is bool_:
        return x
    if not tile.is_scalar:
        raise CompileError(
            f"a tile condition must be boolean, found {describe(x)}",
            f"compare it: `{x.name or 'v'} != 0`",
        )
    return nonzero(b, x)


def nonzero(b: ir.Builder, x: object) -> ir.Value:
    """`x != 0`, element by element; itself where it is boolean already."""
    value = as_value(b, x)
    if value.tile.dtype.is_pointer:
        raise CompileError(f"{describe(value)} has no truth value")
    return value if value.tile.dtype is bool_ else b.add(ir.Cast(value, bool_))


# --- what the operators are made of -------------------------------------------------------------


def _arithmetic(b: ir.Builder, kind: str, x: Operand, y: Operand) -> ir.Value:
    if isinstance(x, ir.Value) and isinstance(y, ir.Value) and x.type == y.type:
        dtype = x.tile.dtype
        if dtype is not bool_ and not dtype.is_storage_only:
            return b.add(ir.Binary(kind, x, y))
    left, right = pair(b, _count(x), _count(y), arithmetic_dtype(_meeting(kind, x, y)))
    return b.add(ir.Binary(kind, left, right))


def _divide(b: ir.Builder, x: Operand, y: Operand) -> ir.Value:
    dtype = arithmetic_dtype(_meeting("truediv", x, y))
    for side, other in ((x, y), (y, x)):
        if isinstance(side, int) and not fits(int(side), dtype):
            literal(b, side, dtype, beside=other)
    left, right = pair(b, _count(x), _count(y), division_dtype(dtype))
    return b.add(ir.Binary("div", left, right))


def _bitwise(b: ir.Builder, kind: str, x: Operand, y: Operand) -> ir.Value:
    dtype = _meeting(kind, x, y)
    if dtype.is_float:
        raise _unsupported(kind, x, y, "integers or booleans")
    left, right = pair(b, x, y, dtype)
    return b.add(ir.Binary(kind, left, right))


def _shift(b: ir.Builder, kind: str, x: Operand, y: Operand) -> ir.Value:
    dtype = arithmetic_dtype(_meeting(kind, x, y))
    if dtype.is_float:
        raise _unsupported(kind, x, y, "integers")
    if not isinstance(y, ir.Value) and y < 0:
        raise CompileError(f"shift by the negative number {y}")
    left, right = pair(b, _count(x), _count(y), dtype)
    return b.add(ir.Binary(kind, left, right))


def _extreme(b: ir.Builder, kind: str, x: Operand, y: Operand) -> ir.Value:
    dtype = _meeting(kind, x, y)
    if dtype is bool_:
        left, right = pair(b, x, y, bool_)
        return b.add(ir.Binary("or" if kind == "max" else "and", left, right))
    left, right = pair(b, _count(x), _count(y), arithmetic_dtype(dtype))
    return b.add(ir.Binary(kind, left, right))


def _meeting(kind: str, x: Operand, y: Operand) -> Dtype:
    """The common dtype; where there is none, the error says which operator asked."""
    try:
        return meet(x, y)
    except CompileError as error:
        error.message = f"`{SYMBOLS.get(kind, kind)}`: {error.message}"
        raise


def _unsupported(kind: str, x: Operand, y: Operand, expected: str) -> CompileError:
    return CompileError(
        f"`{SYMBOLS.get(kind, kind)}` of {describe(x)} and {describe(y)}, expected {expected}"
    )


def _count(x: Operand) -> Operand:
    """A weak `True` counts as 1 in arithmetic."""
    return int(x) if type(x) is bool else x


def _power(b: ir.Builder, x: Operand, y: Operand) -> ir.Value:
    """Products for small constant exponents, repeated squaring for integers, else `pow`."""
    dtype = arithmetic_dtype(_meeting("pow", x, y))
    if not dtype.is_float:
        return _integer_power(b, x, y, dtype)
    if not isinstance(y, ir.Value) and isinstance(x, ir.Value):
        base = cast(b, x, dtype)
        if y in (0, 1, 2, 3):  # at most two roundings: within the 2 ulp of `pow`
            wide = cast(b, base, f32 if dtype.bits == 16 else dtype)
            return cast(b, multiply_repeatedly(b, wide, int(y)), dtype)
        if y == -1:
            return b.add(ir.Binary("div", literal(b, 1, dtype, base.tile.shape), base))
        if y == 0.5:  # NumPy's operator does the same: -inf ** 0.5 is NaN
            return b.add(ir.Unary("sqrt", base))
    return function_of_two(b, "pow", x, y)


def function_of_two(b: ir.Builder, kind: str, x: object, y: object) -> ir.Value:
    """`pow`, `atan2`, `hypot` or `copysign` as the op itself, in the float dtype both meet in."""
    x, y = as_operand(x), as_operand(y)
    if not isinstance(x, ir.Value) and not isinstance(y, ir.Value):
        x = as_value(b, float(x))
    left, right = pair(b, _count(x), _count(y), division_dtype(_meeting(kind, x, y)))
    return b.add(ir.Binary(kind, left, right))


def multiply_repeatedly(b: ir.Builder, base: ir.Value, exponent: int) -> ir.Value:
    """`base` to a constant power of at least 0, by squaring; integers wrap."""
    result: ir.Value | None = None
    while exponent:
        if exponent & 1:
            result = base if result is None else b.add(ir.Binary("mul", result, base))
        exponent >>= 1
        if exponent:
            base = b.add(ir.Binary("mul", base, base))
    return constant(b, 1, base.tile.dtype, base.tile.shape) if result is None else result


def _integer_power(b: ir.Builder, x: Operand, y: Operand, dtype: Dtype) -> ir.Value:
    """Wraps as NumPy's; a negative exponent, which NumPy refuses, gives 0 if not constant."""
    if not isinstance(y, ir.Value):
        if y < 0:
            raise CompileError(
                f"an integer to the negative power {y}", "cast the base to a float: `.to(tw.f32)`"
            )
        assert isinstance(x, ir.Value)
        return multiply_repeatedly(b, cast(b, x, dtype), int(y))
    # The last squares may be of no use and overflow, which an index in compiled code must not.
    given, dtype = dtype, i64 if dtype is index else dtype
    base, exponent = pair(b, _count(x), y, dtype)
    shape = base.tile.shape
    zero, one = constant(b, 0, dtype, shape), constant(b, 1, dtype, shape)
    result: ir.Value = one
    if dtype.is_signed:
        result = b.add(ir.Select(b.add(ir.Compare("lt", exponent, zero)), zero, one))
    start, step = constant(b, 0, i32), constant(b, 1, i32)
    stop = constant(b, dtype.bits, i32)
    inits = (result, base, exponent)
    with b.inside(start.type, *(value.type for value in inits)) as body:
        _, result, base, exponent = body.parameters
        odd = b.add(ir.Compare("ne", b.add(ir.Binary("and", exponent, one)), zero))
        product = b.add(ir.Binary("mul", result, base))
        result = b.add(ir.Select(odd, product, result))
        base = b.add(ir.Binary("mul", base, base))
        b.add(ir.Yield((result, base, b.add(ir.Binary("shr", exponent, one)))))
    return cast(b, b.add(ir.For(start, stop, step, inits, body)).results[0], given)


def _is_pointer(x: Operand) -> bool:
    return isinstance(x, ir.Value) and x.tile.dtype.is_pointer


def _move_pointer(b: ir.Builder, kind: str, x: Operand, y: Operand) -> ir.Value:
    """`pointer + count`, `count + pointer` and `pointer - count`, in elements."""
    if kind == "add" and _is_pointer(y) and not _is_pointer(x):
        x, y = y, x
    if kind not in ("add", "sub") or _is_pointer(y):
        raise _unsupported(kind, x, y, "a pointer and a number of elements")
    assert isinstance(x, ir.Value)
    if not isinstance(y, ir.Value):
        if type(y) is float:
            raise _unsupported(kind, x, y, "a pointer and a number of elements")
        count = literal(b, int(y), index)
    elif y.tile.dtype.is_integer:
        count = y
    else:
        raise _unsupported(kind, x, y, "a pointer and a number of elements")
    if kind == "sub":
        count = cast(b, count, i64) if count.tile.dtype.kind is Kind.UNSIGNED else count
        count = b.add(ir.Unary("neg", count))
    shape = common_shape(x, count)
    return b.add(ir.Offset(broadcast(b, x, shape), broadcast(b, count, shape)))
