"""Which ops each lane can do for itself."""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import Tile

# Ops whose elements are computed one by one, in the loops that need them.
ELEMENTWISE: Final = (
    ir.Const, ir.Iota, ir.Unary, ir.Binary, ir.Compare, ir.Select, ir.Fma, ir.Cast, ir.Bitcast,
    ir.Broadcast, ir.Load, ir.LoadPointer, ir.Offset,
)  # fmt: skip


def is_lanewise(op: ir.Op) -> bool:
    """Whether each lane can do an op for itself: also where no lanes are involved."""
    match op:
        case ir.Yield() | ir.Break() | ir.Continue() | ir.If() | ir.For() | ir.While():
            return True
        case _ if isinstance(op, ELEMENTWISE):
            return True
        case _:
            values = (*op.operands, *op.results)
            return not any(isinstance(v.type, Tile) and v.tile.shape for v in values)
