"""Operators on two constants: Python computes them, and its exceptions become `CompileError`s."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any, Final

from ..errors import CompileError
from ..types import IndexNumber
from .constants import Number
from .values import SYMBOLS, as_number, describe

_WHOLE: Final = frozenset(("floor", "ceil", "round", "trunc"))
_PYTHON_BINARY: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "truediv": operator.truediv,
    "div": operator.truediv, "floordiv": operator.floordiv, "mod": operator.mod,
    "pow": operator.pow, "and": operator.and_, "or": operator.or_, "xor": operator.xor,
    "shl": operator.lshift, "shr": operator.rshift, "copysign": math.copysign,
    "atan2": math.atan2, "hypot": math.hypot,
}  # fmt: skip
_PYTHON_COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt,
    "ge": operator.ge,
}  # fmt: skip
_PYTHON_UNARY: Final[dict[str, Callable[[Any], Any]]] = {
    "neg": operator.neg, "pos": operator.pos, "abs": abs, "exp": math.exp, "exp2": lambda x: 2.0**x,
    "expm1": math.expm1, "log": math.log, "log2": math.log2, "log10": math.log10,
    "log1p": math.log1p, "sqrt": math.sqrt, "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "asin": math.asin, "acos": math.acos, "atan": math.atan, "sinh": math.sinh, "cosh": math.cosh,
    "tanh": math.tanh, "asinh": math.asinh, "acosh": math.acosh, "atanh": math.atanh,
    "erf": math.erf, "erfc": math.erfc, "lgamma": math.lgamma,
}  # fmt: skip
_LARGEST_SHIFT: Final = 4096  # more is a mistake, and Python would take the memory for it


def fold_unary(kind: str, x: Number) -> Number | None:
    """What Python makes of a constant; None where it has no such function or no value there."""
    if kind == "not":
        if type(x) is float:
            raise CompileError(f"`~` of {describe(x)}, expected an integer or bool_")
        found: Number = (not x) if type(x) is bool else _typed(~int(x), x)
        return found
    if kind in _WHOLE:
        return x if type(x) is not float else _fold_whole(kind, x)
    function = _PYTHON_UNARY.get(kind)
    if function is None:
        return None
    try:
        result: Number = _typed(function(x), x)
    except (ValueError, OverflowError):
        return None
    return result


def _fold_whole(kind: str, x: float) -> float:
    if not math.isfinite(x):
        return x
    match kind:
        case "floor":
            whole = math.floor(x)
        case "ceil":
            whole = math.ceil(x)
        case "trunc":
            whole = math.trunc(x)
        case _:
            whole = round(x)
    return math.copysign(float(whole), x)


def fold_binary(kind: str, x: object, y: object) -> object:
    """Two constants by Python's own operator; its exceptions become `CompileError`s."""
    left, right = as_number(x), as_number(y)
    if left is not None and right is not None:
        if kind in ("min", "max"):
            return _typed(_fold_extreme(kind, left, right), left, right)
        if kind in ("pow", "shl") and isinstance(right, int) and abs(right) > _LARGEST_SHIFT:
            raise CompileError(f"`{SYMBOLS[kind]}` of {left} and {right} is too large")
        x, y = left, right
    try:
        result = _PYTHON_BINARY[kind](x, y)
    except (TypeError, ValueError, ArithmeticError, KeyError) as error:
        raise CompileError(
            f"`{SYMBOLS.get(kind, kind)}` of {describe(x)} and {describe(y)}: {error}"
        ) from None
    if isinstance(result, complex):
        raise CompileError(f"`**` of {describe(x)} and {describe(y)} is a complex number")
    return _typed(result, x, y)


def _typed(result: Any, *operands: object) -> Any:
    """What was computed of an extent is one."""
    is_extent = type(result) is int and any(isinstance(one, IndexNumber) for one in operands)
    return IndexNumber(result) if is_extent else result


def _fold_extreme(kind: str, x: Number, y: Number) -> Number:
    """NaN wins, as in `minimum` and `maximum` of values."""
    if x != x or y != y:
        return math.nan
    return max(x, y) if kind == "max" else min(x, y)


def fold_compare(kind: str, x: object, y: object) -> bool:
    """Two constants by Python's own comparison; what it cannot compare is a `CompileError`."""
    left, right = as_number(x), as_number(y)
    if left is not None and right is not None:
        x, y = left, right
    try:
        return bool(_PYTHON_COMPARE[kind](x, y))
    except TypeError:
        raise CompileError(f"cannot compare {describe(x)} with {describe(y)}") from None
