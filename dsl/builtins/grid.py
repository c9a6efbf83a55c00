"""Where a program stands in the grid."""

from __future__ import annotations

from typing import Any

from .. import ir
from ..errors import CompileError
from .arguments import as_integer
from .arithmetic import binary, unary
from .table import Context, builtin


@builtin()
def program_id(context: Context, axis: object) -> ir.Value:
    """Which program this is along a grid axis (0, 1 or 2): an `index` scalar."""
    return context.builder.add(ir.ProgramId(_grid_axis(axis)))


@builtin()
def num_programs(context: Context, axis: object) -> ir.Value:
    """How many programs there are along a grid axis (0, 1 or 2): an `index` scalar."""
    return context.builder.add(ir.NumPrograms(_grid_axis(axis)))


def _divide_up(a: int, b: int) -> int:
    """`a / b` rounded up, on the host."""
    return -(-a // b)


@builtin(host=_divide_up)
def cdiv(context: Context, a: object, b: object) -> Any:
    """`a / b` rounded up, for integers; works on the host too: `tw.cdiv(n, BLOCK)`."""
    builder = context.builder
    return unary(builder, "neg", binary(builder, "floordiv", unary(builder, "neg", a), b))


def _grid_axis(axis: object) -> int:
    found = as_integer(axis, "a grid axis")
    if not 0 <= found <= 2:
        raise CompileError(f"grid axis {found}, expected 0, 1 or 2")
    return found
