"""Which operands of products may be read in the arrays that they are loaded from.

A small product takes about as long as the copies of its operands do. Where all of an operand lies
inside its array, and its rows near each other, it needs none.
"""

from __future__ import annotations

from math import prod
from typing import Final

from tilewright.dsl import ir

from ..analysis.contiguity import begin_of
from ..planning.state import Planning
from ..planning.steps import (
    Begin,
    Loan,
)

# Of an operand and the gaps between its rows: with 16 KiB copies were measured to be no dearer.
MOST_BYTES: Final = 8192


def loan_of(value: ir.Value, op: ir.Dot, planning: Planning) -> tuple[Loan, ir.Load] | None:
    """How a product may read one of its operands in an array; None where it is copied."""
    match value:
        case ir.Load(source, position, None, None) as load if len(load.tile.shape) == 2:
            pass
        case _:
            return None
    # In a loop, blocks of larger matrices, rows far apart, are multiplied: these are copied.
    is_alone = planning.narrow and not planning.loops
    is_small = load.tile.size * load.tile.dtype.itemsize <= MOST_BYTES
    is_own = load not in planning.views and planning.users[load] == [op]
    if not (is_alone and is_small and is_own) or load.tile.dtype.is_bool:
        return None
    axes: dict[int, int] = {}
    begins: list[Begin] = []
    for axis, x in enumerate(position):
        begin = begin_of(x) if x.tile.shape else (x, 0)
        if begin is None:
            return None
        shape = (1, 1, *x.tile.shape)[-2:]
        for dimension, extent in enumerate(shape):
            if extent != 1:
                if dimension in axes:
                    return None
                axes[dimension] = axis
        begins.append(Begin(*begin, prod(shape)))
    if len(set(axes.values())) != 2 or axes[1] != source.array.unit_axis:
        return None
    rows = load.tile.shape[0] * load.tile.dtype.itemsize
    return Loan(axes[0], MOST_BYTES // rows, tuple(begins)), load
