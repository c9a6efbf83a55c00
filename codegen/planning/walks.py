"""What ops are to the planner: their regions, the tiles they take, which of them loops compute."""

from __future__ import annotations

from math import prod
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import Tile

from ..analysis.contiguity import constant_of, through_unit_reshape
from ..analysis.lanewise import ELEMENTWISE

# A reshape may be among them: where it is not, it has been made a view before.
INLINE: Final = (*ELEMENTWISE, ir.Reshape)


def walk_op(op: ir.Op) -> list[ir.Op]:
    """An op and all ops of its regions."""
    return [op, *(inner for block in op.blocks for inner in ir.walk(block))]


def free_tiles(op: ir.Op) -> list[ir.Value]:
    """The tiles that an op with regions takes from outside."""
    found: dict[ir.Value, None] = dict.fromkeys(op.operands)
    for block in op.blocks:
        found.update(ir.free_values(block))
    return [value for value in found if isinstance(value.type, Tile) and value.tile.shape]


def is_unit_reshape(op: ir.Reshape) -> bool:
    """Whether a reshape only adds or drops axes of one element: no more than a name for an axis."""
    shape = op.tile.shape
    return through_unit_reshape(op.x.tile.shape, shape, (0,) * len(shape)) is not None


def constant_trip(op: ir.For) -> int | None:
    """How often a loop runs, if that is a constant."""
    start, stop, step = (constant_of(value) for value in (op.start, op.stop, op.step))
    if start is None or stop is None or not step:
        return None
    return len(range(start, stop, step))


def spread_over(space: tuple[int, ...], followed: tuple[int | None, ...]) -> int:
    """How often a loop over a space computes a value that follows only some of its axes."""
    return prod(extent for axis, extent in enumerate(space) if axis not in followed)
