"""Choosing between values, element by element: `where`, `minimum`, `maximum`, `clip`."""

from __future__ import annotations

from typing import Any

from .. import ir
from ..errors import CompileError
from .arithmetic import binary, nonzero, select
from .table import Context, builtin


@builtin("numpy.where")
def where(context: Context, condition: object, x: object, y: object) -> ir.Value:
    """`x` where the condition holds, else `y`; all three broadcast.

    The condition is boolean, or a number tested against zero. The dtype is the one `x` and `y` meet
    in; both sides are computed for all elements.
    """
    return select(context.builder, nonzero(context.builder, condition), x, y)


@builtin("numpy.minimum")
def minimum(context: Context, x1: object, x2: object) -> Any:
    """The smaller of two, NaN if either is; of two booleans, their conjunction."""
    return binary(context.builder, "min", x1, x2)


@builtin("numpy.maximum")
def maximum(context: Context, x1: object, x2: object) -> Any:
    """The larger of two, NaN if either is; of two booleans, their disjunction."""
    return binary(context.builder, "max", x1, x2)


@builtin("numpy.clip", method=True)
def clip(
    context: Context,
    a: object,
    a_min: object = None,
    a_max: object = None,
    *,
    min: object = None,
    max: object = None,
) -> Any:
    """`minimum(maximum(a, a_min), a_max)`: the upper bound wins where they cross; NaN stays.

    Either bound may be None; `min` and `max` are other names of them, as in NumPy.
    """
    if (a_min is not None and min is not None) or (a_max is not None and max is not None):
        raise CompileError("clip: a bound is given twice")
    lower, upper = (a_min if min is None else min), (a_max if max is None else max)
    if lower is not None:
        a = binary(context.builder, "max", a, lower)
    if upper is not None:
        a = binary(context.builder, "min", a, upper)
    return a
