"""Comparisons, by value: no operand wraps or loses its sign on the way.

An integer beside a float is compared as that float (the dtype they promote to); an integer beside
any other integer, and any literal beside an integer, exactly. A literal beside a float takes its
dtype first, as everywhere; a finite one that does not fit it still compares by value.
"""

from __future__ import annotations

import math
from typing import Final

from .. import ir
from ..errors import CompileError
from ..promotion import arithmetic_dtype, promote, promote_weak
from ..types import Dtype, bool_, index, u64
from .constants import Number, fits, integer_range
from .folding import fold_compare
from .values import Operand, as_operand, broadcast, cast, common_shape, constant, describe


def compare(b: ir.Builder, kind: str, x: object, y: object) -> Operand:
    """`eq ne lt le gt ge`, by value: no operand wraps or loses its sign on the way.

    An integer beside a float is compared as that float; an integer literal beside an integer, or a
    float literal beside one, exactly.
    """
    if not isinstance(x, ir.Value) and not isinstance(y, ir.Value):
        return fold_compare(kind, x, y)
    x, y = as_operand(x), as_operand(y)
    if not isinstance(x, ir.Value):
        assert isinstance(y, ir.Value)
        return _compare_literal(b, _MIRRORED[kind], y, x)
    if not isinstance(y, ir.Value):
        return _compare_literal(b, kind, x, y)
    left, right = x.tile.dtype, y.tile.dtype
    if left.is_pointer or right.is_pointer:
        if left != right:
            raise CompileError(f"cannot compare {describe(x)} with {describe(y)}")
        return _compare_as(b, kind, x, y, left)
    if left is right and not left.is_storage_only:
        return _compare_as(b, kind, x, y, left)
    if left is u64 and right.is_signed:
        return _compare_unsigned(b, kind, x, y)
    if right is u64 and left.is_signed:
        return _compare_unsigned(b, _MIRRORED[kind], y, x)
    return _compare_as(b, kind, x, y, _comparison_dtype(left, right))


_MIRRORED: Final = {"eq": "eq", "ne": "ne", "lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}


def _compare_as(b: ir.Builder, kind: str, x: ir.Value, y: ir.Value, dtype: Dtype) -> ir.Value:
    shape = common_shape(x, y)
    left, right = broadcast(b, cast(b, x, dtype), shape), broadcast(b, cast(b, y, dtype), shape)
    return b.add(ir.Compare(kind, left, right))


def _comparison_dtype(left: Dtype, right: Dtype) -> Dtype:
    """A dtype that holds every value of both (floats: the one they promote to)."""
    if left is bool_ or right is bool_:
        return arithmetic_dtype(right if left is bool_ else left)  # it holds 0 and 1
    if left is not index and right is not index:
        return arithmetic_dtype(promote(left, right))
    other = right if left is index else left
    return arithmetic_dtype(other) if other.is_float else index  # every integer but u64 fits


def _compare_unsigned(b: ir.Builder, kind: str, x: ir.Value, y: ir.Value) -> ir.Value:
    """`u64` with a signed integer: what is negative is less, the rest compares as `u64`."""
    shape = common_shape(x, y)
    x, y = broadcast(b, x, shape), broadcast(b, y, shape)
    zero = constant(b, 0, y.tile.dtype, shape)
    same = b.add(ir.Compare(kind, x, b.add(ir.Cast(y, u64))))
    if kind in ("ne", "gt", "ge"):
        return b.add(ir.Binary("or", same, b.add(ir.Compare("lt", y, zero))))
    return b.add(ir.Binary("and", same, b.add(ir.Compare("ge", y, zero))))


def _compare_literal(b: ir.Builder, kind: str, x: ir.Value, number: Number) -> ir.Value:
    """A value with a literal, by value even where the literal does not fit the value's dtype."""
    dtype = x.tile.dtype
    if dtype.is_pointer:
        raise CompileError(f"cannot compare {describe(x)} with {describe(number)}")
    if dtype is bool_:
        if type(number) is bool:
            return _compare_const(b, kind, x, number, bool_)
        return _compare_literal(b, kind, cast(b, x, promote_weak(bool_, int)), number)
    number = int(number) if type(number) is bool else number
    if dtype.is_float:
        wide = arithmetic_dtype(dtype)
        if fits(number, wide):
            return _compare_const(b, kind, x, number, wide)
        return _compare_beyond(b, kind, x, math.inf if number > 0 else -math.inf, wide)
    if type(number) is float:
        if not math.isfinite(number):
            return _compare_outside(b, kind, x, number)
        kind, number = _whole_bound(kind, number)
        if kind == "never":
            return constant(b, False, bool_, x.tile.shape)
        if kind == "always":
            return constant(b, True, bool_, x.tile.shape)
    least, largest = integer_range(dtype)
    if not least <= number <= largest:
        return _compare_outside(b, kind, x, number)
    return _compare_const(b, kind, x, number, dtype)


def _compare_const(b: ir.Builder, kind: str, x: ir.Value, number: Number, dtype: Dtype) -> ir.Value:
    right = constant(b, number, dtype, x.tile.shape)
    return b.add(ir.Compare(kind, cast(b, x, dtype), right))


def _compare_outside(b: ir.Builder, kind: str, x: ir.Value, number: Number) -> ir.Value:
    """An integer with what lies outside its range, or is NaN: known without looking."""
    above = kind in ("lt", "le") and number > 0
    below = kind in ("gt", "ge") and number < 0
    return constant(b, above or below or kind == "ne", bool_, x.tile.shape)


def _compare_beyond(b: ir.Builder, kind: str, x: ir.Value, limit: float, dtype: Dtype) -> ir.Value:
    """A float with a finite number beyond its largest; `limit` is the infinity on that side."""
    if kind in ("eq", "ne"):
        return constant(b, kind == "ne", bool_, x.tile.shape)
    upward = {"lt": "lt", "le": "lt", "gt": "ge", "ge": "ge"}
    downward = {"gt": "gt", "ge": "gt", "lt": "le", "le": "le"}
    return _compare_const(b, (upward if limit > 0 else downward)[kind], x, limit, dtype)


def _whole_bound(kind: str, number: float) -> tuple[str, int]:
    """The comparison of an integer with a whole number that means the one with `number`."""
    low = math.floor(number)
    if low == number:
        return kind, low
    match kind:
        case "lt" | "le":
            return "le", low
        case "gt" | "ge":
            return "gt", low
        case "eq":
            return "never", 0
        case _:
            return "always", 0
