"""Which accesses may touch the same memory."""

from __future__ import annotations

import pytest

from tilewright.codegen.analysis.memory import may_alias
from tilewright.dsl import ir
from tilewright.dsl.types import Array, Tile, f32, i8, index

ARRAY = ir.Parameter(Array(f32, (None, None)))
ROW = ir.ProgramId(0)
COLUMN = ir.ProgramId(1)
NARROW = ir.Cast(ROW, i8)
PLACE = Tile(index, (8,))


def block(start: ir.Value | None, behind: int) -> ir.Value:
    """Eight positions, from `start` and some elements behind it on."""
    iota = ir.Iota(PLACE, 0, behind)
    return iota if start is None else ir.Binary("add", ir.Broadcast(start, (8,)), iota)


def wrapping(behind: int) -> ir.Value:
    """Eight positions in 8 bits."""
    iota = ir.Iota(Tile(i8, (8,)), 0, 0)
    start = ir.Binary("add", NARROW, ir.Const(behind, Tile(i8, ())))
    return ir.Binary("add", ir.Broadcast(start, (8,)), iota)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (block(None, 0), block(None, 8), False),
        (block(None, 0), block(None, 7), True),
        (block(None, 100), block(None, 0), False),
        (block(COLUMN, 0), block(COLUMN, 8), False),
        (block(COLUMN, 0), block(COLUMN, 7), True),
        (block(COLUMN, 0), block(ROW, 8), True),
        (block(COLUMN, 0), block(None, 8), True),
        (wrapping(100), wrapping(-100), False),
        (wrapping(127), wrapping(-127), True),
    ],
)
def test_blocks_that_are_apart_do_not_meet(left: ir.Value, right: ir.Value, expected: bool) -> None:
    function = ir.Function("f", ir.Block((ARRAY,), [ir.Return(())]), frozenset({"disjoint"}))
    value = ir.Const(0.0, Tile(f32, (8,)))
    store = ir.Store(ARRAY, (ROW, left), value)
    for other in (ir.Store(ARRAY, (ROW, right), value), ir.Load(ARRAY, (ROW, right), None, None)):
        assert may_alias(store, other, function) is expected
