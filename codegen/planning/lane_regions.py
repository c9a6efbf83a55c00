"""Which regions run inside a loop over their lanes, vector by vector."""

from __future__ import annotations

from math import prod

from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError

from ..analysis.lanewise import common_space, is_lanewise
from .state import Planning
from .walks import walk_op


def lane_space(planning: Planning, op: ir.Op) -> tuple[int, ...]:
    """The shape that a region runs over lane by lane; () if it runs as control flow of its own.

    What is per lane in meaning always runs so; a scalar loop over tiles, or a choice between such
    loops, where that keeps what it carries in registers.
    """
    has_lanes = False
    match op:
        case ir.If(lanes=has_lanes):
            if not has_lanes and not any(isinstance(x, ir.For | ir.While) for x in walk_op(op)):
                return ()
        case ir.While(lanes=has_lanes):
            pass
        case ir.Inlined():
            return ()
    space = common_space(op)
    if has_lanes:
        _refuse_what_repeats(planning, op, space)
    if has_lanes or not space:
        return space
    return space if _stays_in_registers(planning, op, space) else ()


def _refuse_what_repeats(planning: Planning, op: ir.Op, space: tuple[int, ...]) -> None:
    """Refuse what the loop over the lanes of a region cannot do once: prints, and atomics of less
    shape whose results other lanes want.
    """
    for inner in walk_op(op):
        match inner:
            case ir.Atomic() | ir.AtomicPointer() if inner.tile.size < prod(space):
                if planning.users.get(inner):
                    raise CompileError(
                        f"the result of an atomic of shape {inner.tile.shape} in a loop that lanes "
                        f"of shape {space} take one by one",
                        "give its index the shape of these lanes, or do it outside the loop",
                        inner.loc,
                    )
            case ir.Print():
                raise CompileError(
                    "`print` under a tile condition, where only the interpreter can print",
                    "run with TILEWRIGHT_INTERPRET=1, or print behind the region",
                    inner.loc,
                )


def _stays_in_registers(planning: Planning, op: ir.Op, space: tuple[int, ...]) -> bool:
    if not planning.short_space:
        return False
    if _jumps_out(op):
        return False  # that would leave the loop over its lanes
    for inner in walk_op(op):
        match inner:
            case ir.Return() | ir.Inlined():
                return False
            case ir.Load() if inner.tile.shape and prod(space) > planning.short_space:
                return False  # streams through memory tile by tile: better not strip by strip
        if inner.effect is ir.Effect.WRITE or not is_lanewise(inner):
            return False
    used = [result for result in op.results if planning.users.get(result)]
    return all(result.tile.shape == space for result in used)


def _jumps_out(op: ir.Op) -> bool:
    """Whether a `break` or `continue` in a region is for a loop around it."""
    if isinstance(op, ir.For | ir.While):
        return False
    return any(
        isinstance(inner, ir.Break | ir.Continue) or _jumps_out(inner)
        for block in op.blocks
        for inner in block.ops
    )
