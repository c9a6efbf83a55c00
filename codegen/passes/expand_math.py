"""Write out the functions that are no instruction as formulas of ops that are.

    %y = unary exp, %x          becomes          %b = select ..., %x
                                                 %t = fma %b, ...
                                                 ...
Needs `f32` and `f64` only (`widen_floats` comes before). Afterwards the math functions, `isnan`,
`isinf` and `isfinite` are gone, as are `floordiv` and `mod` of floats; what stands for them is
arithmetic, bit operations, comparisons and selects, and for huge arguments of sin, cos, tan and the
like an `if` over lanes. No memory is read. A function becomes the same ops for scalars and tiles,
in every target but for what `expand_math_on_gpu` leaves; but for that and for `div_near` the bits
agree. The formulas are in `math/`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tilewright.dsl.ir import Binary, Builder, Function, Op, Unary, Value
from tilewright.dsl.types import f32

from .formula import Term, expand_ops
from .math import (
    classification,
    division,
    error_functions,
    exponential,
    gamma,
    hyperbolic,
    inverse_trigonometric,
    logarithm,
    power,
    trigonometric,
)

UNARY: Final[dict[str, Callable[[Term], Term]]] = {
    "exp": exponential.exp,
    "exp2": exponential.exp2,
    "expm1": exponential.expm1,
    "sigmoid": exponential.sigmoid,
    "log": logarithm.log,
    "log2": logarithm.log2,
    "log10": logarithm.log10,
    "log1p": logarithm.log1p,
    "rsqrt": power.rsqrt,
    "cbrt": power.cbrt,
    "sin": trigonometric.sin,
    "cos": trigonometric.cos,
    "tan": trigonometric.tan,
    "asin": inverse_trigonometric.asin,
    "acos": inverse_trigonometric.acos,
    "atan": inverse_trigonometric.atan,
    "sinh": hyperbolic.sinh,
    "cosh": hyperbolic.cosh,
    "tanh": hyperbolic.tanh,
    "asinh": hyperbolic.asinh,
    "acosh": hyperbolic.acosh,
    "atanh": hyperbolic.atanh,
    "erf": error_functions.erf,
    "erfc": error_functions.erfc,
    "erfinv": error_functions.erfinv,
    "lgamma": gamma.lgamma,
    "isnan": classification.isnan,
    "isinf": classification.isinf,
    "isfinite": classification.isfinite,
}
BINARY: Final[dict[str, Callable[[Term, Term], Term]]] = {
    "pow": power.power,
    "atan2": inverse_trigonometric.atan2,
    "hypot": power.hypot,
    "floordiv": division.floor_divide,
    "mod": division.modulo,
}


def expand_math(function: Function) -> Function:
    """Replace math functions by formulas; the same function if it has none."""
    return expand_ops(function, _expand)


def expand_math_on_gpu(function: Function) -> Function:
    """The same where a GPU has instructions of its own that are good enough: `exp` and `tanh` of
    `f32` stay, and with `fastmath` so does `exp2`.
    """
    stays = ("exp", "tanh", *(("exp2",) if "fastmath" in function.options else ()))

    def expand(op: Op, builder: Builder) -> Value | None:
        match op:
            case Unary(kind, x) if kind in stays and x.tile.dtype is f32:
                return None
            case _:
                return _expand(op, builder)

    return expand_ops(function, expand)


def _expand(op: Op, builder: Builder) -> Value | None:
    match op:
        case Unary(kind, x) if kind in UNARY:
            return UNARY[kind](Term(builder, x)).value
        case Binary(kind, x, y) if kind in BINARY and x.tile.dtype.is_float:
            return BINARY[kind](Term(builder, x), Term(builder, y)).value
        case _:
            return None
