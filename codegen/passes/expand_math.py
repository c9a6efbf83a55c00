"""Write out the functions that are no instruction as formulas of ops that are.

    %y = unary exp, %x          becomes          %b = select ..., %x
                                                 %t = fma %b, ...
                                                 ...
Needs `f32` and `f64` only (`widen_floats` comes before). Afterwards the math functions, `isnan`, `isinf`
and `isfinite` are gone; what stands for them is arithmetic, bit operations, comparisons and selects, and
for huge arguments of sin, cos and tan an `if` over lanes. No memory is read. A function becomes the same
ops for scalars and tiles, in every target, so the bits agree. The formulas are in `math/`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tilewright.dsl.ir import Binary, Builder, Function, Op, Unary, Value

from .formula import Term, expand_ops
from .math import classification, error_functions, exponential, hyperbolic, logarithm, trigonometric

UNARY: Final[dict[str, Callable[[Term], Term]]] = {
    "exp": exponential.exp,
    "exp2": exponential.exp2,
    "expm1": exponential.expm1,
    "sigmoid": exponential.sigmoid,
    "log": logarithm.log,
    "log2": logarithm.log2,
    "log10": logarithm.log10,
    "log1p": logarithm.log1p,
    "sin": trigonometric.sin,
    "cos": trigonometric.cos,
    "tan": trigonometric.tan,
    "tanh": hyperbolic.tanh,
    "erf": error_functions.erf,
    "isnan": classification.isnan,
    "isinf": classification.isinf,
    "isfinite": classification.isfinite,
}
BINARY: Final[dict[str, Callable[[Term, Term], Term]]] = {}


def expand_math(function: Function) -> Function:
    """Replace math functions by formulas; the same function if it has none."""
    return expand_ops(function, _expand)


def _expand(op: Op, builder: Builder) -> Value | None:
    match op:
        case Unary(kind, x) if kind in UNARY:
            return UNARY[kind](Term(builder, x)).value
        case Binary(kind, y, x) if kind in BINARY:
            return BINARY[kind](Term(builder, y), Term(builder, x)).value
        case _:
            return None
