"""The table of elementwise kinds: operands that make sense, and how exact the result is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError
from tilewright.dsl.types import Dtype, Tile, bool_

from .agreement import MATH_ULPS, Agreement, bits, numbers, order, ulps
from .execution import Row

_MATH: Final = ulps(MATH_ULPS)

# How right each kind must be.
UNARY: Final[dict[str, Agreement]] = {
    "neg": numbers, "not": bits, "abs": numbers, "sqrt": numbers, "floor": numbers,
    "ceil": numbers, "round": numbers, "trunc": numbers, "popcount": bits, "clz": bits,
    "isnan": bits, "isinf": bits, "isfinite": bits,
    "exp": _MATH, "exp2": _MATH, "expm1": _MATH, "log": _MATH, "log2": _MATH, "log10": _MATH,
    "log1p": _MATH, "rsqrt": _MATH, "cbrt": _MATH, "sin": _MATH, "cos": _MATH, "tan": _MATH,
    "asin": _MATH, "acos": _MATH, "atan": _MATH, "sinh": _MATH, "cosh": _MATH, "tanh": _MATH,
    "asinh": _MATH, "acosh": _MATH, "atanh": _MATH, "erf": _MATH, "erfc": _MATH, "erfinv": _MATH,
    "lgamma": ulps(MATH_ULPS, least_size=1.0), "sigmoid": _MATH,
}  # fmt: skip
BINARY: Final[dict[str, Agreement]] = {
    "add": numbers, "sub": numbers, "mul": numbers, "div": numbers, "floordiv": numbers,
    "mod": numbers, "min": order, "max": order, "and": bits, "or": bits, "xor": bits,
    "shl": bits, "shr": bits, "copysign": numbers, "mulhi": bits,
    "pow": _MATH, "atan2": _MATH, "hypot": _MATH,
}  # fmt: skip
COMPARISONS: Final = ("eq", "ne", "lt", "le", "gt", "ge")

EXACT: Final = (bits, numbers, order)
LOGIC: Final = ("not", "and", "or", "xor")  # what there is of `bool_`; in the rest it is i32

# Of some numbers only, and not for users: tests of their own.
ELSEWHERE: Final = ("rsqrt_guess", "div_near")


def rows_of(dtype: Dtype, math: bool) -> Iterator[Row]:
    """A row for each kind that is legal for operands of a dtype: math functions, or the rest."""
    sample = ir.Parameter(Tile(dtype))
    for kind, agree in UNARY.items():
        if (agree not in EXACT) is math and _is_legal(kind, sample):
            yield Row(kind, lambda b, x, y, kind=kind: b.add(ir.Unary(kind, x)), agree)
    for kind, agree in BINARY.items():
        if (agree not in EXACT) is math and _is_legal(kind, sample, sample):
            yield Row(kind, lambda b, x, y, kind=kind: b.add(ir.Binary(kind, x, y)), agree)
    if math:
        return
    for kind in COMPARISONS:
        yield Row(kind, lambda b, x, y, kind=kind: b.add(ir.Compare(kind, x, y)), bits)
    yield Row("select", _select, bits)
    if dtype.is_float:
        yield Row("fma", lambda b, x, y: b.add(ir.Fma(x, y, x)))
        yield Row("contracted", _contracted)


def casts_of(dtype: Dtype, targets: Iterator[Dtype]) -> Iterator[Row]:
    """A row for the cast to each dtype, and for bits taken as each of the same size."""
    for target in targets:
        if target is not dtype:
            yield Row(f"to_{target}", lambda b, x, t=target: b.add(ir.Cast(x, t)))
        if target is not bool_ and target.bits == dtype.bits:
            yield Row(f"as_{target}", lambda b, x, t=target: b.add(ir.Bitcast(x, t)), bits)


def _is_legal(kind: str, *operands: ir.Value) -> bool:
    if operands[0].tile.dtype is bool_ and kind not in LOGIC:
        return False
    try:
        ir.Unary(kind, *operands) if len(operands) == 1 else ir.Binary(kind, *operands)
    except CompileError:
        return False
    return True


def _select(b: ir.Builder, x: ir.Value, y: ir.Value) -> ir.Value:
    return b.add(ir.Select(b.add(ir.Compare("lt", x, y)), x, y))


def _contracted(b: ir.Builder, x: ir.Value, y: ir.Value) -> ir.Value:
    """`y - x * y`: one rounding in f32 and f64, two in the narrow floats."""
    return b.add(ir.Binary("sub", y, b.add(ir.Binary("mul", x, y))))
