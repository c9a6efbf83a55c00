"""How an index changes from one program to the next."""

from __future__ import annotations

from tilewright.dsl import ir

from .contiguity import constant_of


def step_by_program(value: ir.Value) -> int | None:
    """By how much every element grows with the program's number along the first axis of the grid.

    None if that is no constant, or not known.
    """
    match value:
        case ir.ProgramId(axis):
            return 1 if axis == 0 else 0
        case ir.Const() | ir.Iota() | ir.NumPrograms() | ir.Extent() | ir.Stride():
            return 0
        case ir.Broadcast(x) | ir.Reshape(x):
            return step_by_program(x)
        case ir.Cast(x) if x.tile.dtype.is_integer:
            return step_by_program(x)
        case ir.Binary("add" | "sub" as kind, left, right):
            a, b = step_by_program(left), step_by_program(right)
            if a is None or b is None:
                return None
            return a + b if kind == "add" else a - b
        case ir.Binary("mul", left, right):
            a, factor = step_by_program(left), constant_of(right)
            if a is None or factor is None:
                return 0 if a == 0 == step_by_program(right) else None
            return a * factor
        case _:
            return None
