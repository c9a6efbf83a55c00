"""Which ops each lane can do for itself, and over which lanes a region runs."""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import Tile, broadcast_shapes

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


def common_space(op: ir.Op) -> tuple[int, ...]:
    """What the shapes of all tiles of a region broadcast to; () if they do not."""
    inside = [op, *(inner for block in op.blocks for inner in ir.walk(block))]
    # Which lanes a smaller shape is for: a vector finds that in its own mask.
    guards = {inner for inner in inside if isinstance(inner, ir.Reduce)}
    values = [v for inner in inside for v in (*inner.operands, *inner.results) if v not in guards]
    shapes = [value.tile.shape for value in values if isinstance(value.type, Tile)]
    return broadcast_shapes(*shapes) or () if shapes else ()
