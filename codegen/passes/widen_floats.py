"""Compute `f16` and `bf16` arithmetic in `f32`, each op rounded once.

    %c = add %a, %b : bf16      becomes      %p = cast %a, f32
                                             %q = cast %b, f32
                                             %s = add %p, %q : f32
                                             %c = cast %s, bf16
Rounding the f32 result of add, sub, mul, div or sqrt again is innocuous: f32 has more than twice
the bits. `neg`, `abs` and `copysign` work on the bits; results that are operands or whole numbers
are exact, so no rounding is written for them where a cut does it (`bf16`); so are the extremes that
reductions and scans find. Sums and products are in f32 already (the frontend sees to it).
Afterwards only casts, selects, bitcasts, shape ops, sorts, gathers, products and memory see narrow
floats.
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl.ir import (
    ArgReduce,
    Binary,
    Builder,
    Compare,
    Fma,
    Function,
    Op,
    Reduce,
    Scan,
    Unary,
    Value,
)
from tilewright.dsl.types import Dtype, Tile, bf16, f16, f32, u16, u32

from .formula import Term, expand_ops, fma

# Kinds whose result is exact in the narrow dtype when computed in f32.
EXACT: Final = frozenset(("floor", "ceil", "round", "trunc", "min", "max"))
FLOAT_TESTS: Final = frozenset(("isnan", "isinf", "isfinite"))
SIGN: Final = 0x8000
MAGNITUDE: Final = 0x7FFF


def widen_floats(function: Function) -> Function:
    """Replace arithmetic of narrow floats; the same function if it has none."""
    return expand_ops(function, _expand)


def _expand(op: Op, builder: Builder) -> Value | tuple[Value, ...] | None:
    match op:
        case Unary("neg", x) if _is_narrow(x):
            bits = Term(builder, x).bitcast(u16)
            return (bits ^ SIGN).bitcast(x.tile.dtype).value
        case Unary("abs", x) if _is_narrow(x):
            bits = Term(builder, x).bitcast(u16)
            return (bits & MAGNITUDE).bitcast(x.tile.dtype).value
        case Binary("copysign", x, y) if _is_narrow(x):
            magnitude = Term(builder, x).bitcast(u16) & MAGNITUDE
            sign = Term(builder, y).bitcast(u16) & SIGN
            return (magnitude | sign).bitcast(x.tile.dtype).value
        case Unary(kind, x) if _is_narrow(x):
            wide = _widen(builder, x).unary(kind)
            return wide.value if kind in FLOAT_TESTS else _narrow(wide, kind, x.tile.dtype)
        case Binary(kind, x, y) if _is_narrow(x):
            wide = _widen(builder, x).binary(kind, _widen(builder, y))
            return _narrow(wide, kind, x.tile.dtype)
        case Compare(kind, x, y) if _is_narrow(x):
            left, right = _widen(builder, x).value, _widen(builder, y).value
            return builder.add(Compare(kind, left, right))
        case Fma(a, b, c) if _is_narrow(a):
            wide = fma(_widen(builder, a), _widen(builder, b), _widen(builder, c))
            return wide.to(a.tile.dtype).value
        case Reduce(kind, x, axes) if _is_narrow(x):
            found = builder.add(Reduce(kind, _widen(builder, x).value, axes))
            return _narrow(Term(builder, found), kind, x.tile.dtype)
        case Scan(kind, x, axis, reverse) if _is_narrow(x):
            running = builder.add(Scan(kind, _widen(builder, x).value, axis, reverse))
            return _narrow(Term(builder, running), kind, x.tile.dtype)
        case ArgReduce(kind, x, axis) if _is_narrow(x):
            value, place = builder.add(ArgReduce(kind, _widen(builder, x).value, axis)).results
            return _narrow(Term(builder, value), "max", x.tile.dtype), place
        case _:
            return None


def _is_narrow(value: Value) -> bool:
    match value.type:
        case Tile(dtype):
            return dtype is f16 or dtype is bf16
        case _:
            return False


def _widen(builder: Builder, value: Value) -> Term:
    return Term(builder, value).to(f32)


def _narrow(wide: Term, kind: str, dtype: Dtype) -> Value:
    if kind in EXACT and dtype is bf16:
        return (wide.bitcast(u32) >> 16).to(u16).bitcast(bf16).value
    return wide.to(dtype).value
