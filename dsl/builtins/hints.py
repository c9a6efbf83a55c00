"""Promises to the compiler; a false one is an error in debug mode and undefined otherwise."""

from __future__ import annotations

from typing import Any

from .. import ir
from ..errors import CompileError
from ..types import bool_
from .arguments import as_integer
from .arithmetic import binary, compare, truth
from .table import Context, builtin
from .values import as_operand, constant, describe


@builtin()
def assume(context: Context, condition: object) -> None:
    """Promise that a scalar condition holds."""
    b = context.builder
    promised = truth(b, condition)
    if not isinstance(promised, ir.Value):
        if promised:
            return
        promised = constant(b, False, bool_)
    if not promised.tile.is_scalar:
        raise CompileError(
            f"assume of {describe(condition)}, expected a scalar", "`tw.assume(tw.all(...))`"
        )
    b.add(ir.Assume(promised))


@builtin()
def multiple_of(context: Context, v: object, n: object) -> Any:
    """`v`, promised to be a multiple of the positive constant `n`.

    Of a scalar the compiler uses it; of a tile it is accepted and changes nothing.
    """
    count = _positive(n, "multiple_of")
    value = as_operand(v)
    if isinstance(value, ir.Value):
        if not value.tile.dtype.is_integer:
            raise CompileError(f"multiple_of {describe(v)}, expected an integer")
        if value.tile.is_scalar and count > 1:
            b = context.builder
            b.add(ir.Assume(as_condition(compare(b, "eq", binary(b, "mod", value, count), 0))))
    return v


@builtin()
def max_contiguous(context: Context, v: object, n: object) -> Any:
    """`v`, promised to come in runs of `n` consecutive integers that start at multiples of `n`.

    The compiler finds such runs itself: it is accepted and changes nothing.
    """
    for count in n if isinstance(n, tuple | list) else (n,):
        _positive(count, "max_contiguous")
    as_operand(v)
    return v


def as_condition(x: object) -> ir.Value:
    """What a comparison of a value gave, known to be one."""
    assert isinstance(x, ir.Value)
    return x


def _positive(n: object, what: str) -> int:
    count = as_integer(n, f"the number of {what}")
    if count < 1:
        raise CompileError(f"{what} {count}, expected at least 1")
    return count
