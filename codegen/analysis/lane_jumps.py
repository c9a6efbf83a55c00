"""Which jumps lanes take one by one, and which loops and inlined functions that concerns.

A `break`, `continue` or `return` is taken lane by lane if a lane construct stands between it and
what it leaves, or if lanes of what it leaves, or of a loop in between, can already be off.
"""

from __future__ import annotations

from collections.abc import Mapping

from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError
from tilewright.dsl.records import record
from tilewright.dsl.types import broadcast_shapes

Target = ir.Op | None  # a loop, an inlined function, or None for the whole function
Shape = tuple[int, ...]


@record
class LaneJumps:
    """`targets` maps each jump taken lane by lane to what it leaves.

    `widths` maps what lanes leave one by one (or loop in for themselves) to the shape of these
    lanes; `returning` are the loops among these that lanes also leave by a `return`.
    """

    targets: Mapping[ir.Op, Target]
    widths: Mapping[Target, Shape]
    returning: frozenset[ir.Op]


def lane_jumps(function: ir.Function) -> LaneJumps:
    """Find the jumps of a function that lanes take one by one."""
    jumps: list[tuple[ir.Op, Target, tuple[ir.Op, ...]]] = []
    loops: list[ir.While] = []
    _collect(function.body, (), jumps, loops)
    masked: set[Target] = set(loops)
    targets: dict[ir.Op, Target] = {}
    changed = True
    while changed:
        changed = False
        for jump, target, between in jumps:
            apart = any(_is_lane_if(op) or op in masked for op in between)
            if jump not in targets and (apart or (target is not None and target in masked)):
                targets[jump] = target
                masked.update((target, *(op for op in between if not isinstance(op, ir.If))))
                changed = True
    taken = [entry for entry in jumps if entry[0] in targets]
    return LaneJumps(
        targets,
        _widths(taken, loops, masked),
        frozenset(op for jump, _, between in taken for op in between if not isinstance(op, ir.If)),
    )


def _collect(
    block: ir.Block,
    around: tuple[ir.Op, ...],
    jumps: list[tuple[ir.Op, Target, tuple[ir.Op, ...]]],
    loops: list[ir.While],
) -> None:
    for op in block.ops:
        match op:
            case ir.Break() | ir.Continue():
                jumps.append((op, *_leave(around, (ir.For, ir.While))))
            case ir.Return():
                jumps.append((op, *_leave(around, (ir.Inlined,))))
            case ir.While(lanes=True):
                loops.append(op)
            case _:
                pass
        for inner in op.blocks:
            _collect(inner, (*around, op), jumps, loops)


def _leave(
    around: tuple[ir.Op, ...], kinds: tuple[type[ir.Op], ...]
) -> tuple[Target, tuple[ir.Op, ...]]:
    """What a jump leaves, and the constructs between."""
    for k in range(len(around) - 1, -1, -1):
        if isinstance(around[k], kinds):
            return around[k], around[k + 1 :]
    return None, around


def _is_lane_if(op: ir.Op) -> bool:
    return isinstance(op, ir.If) and op.lanes


def _widths(
    jumps: list[tuple[ir.Op, Target, tuple[ir.Op, ...]]],
    loops: list[ir.While],
    masked: set[Target],
) -> dict[Target, Shape]:
    """The shapes of the lane conditions between what is left and its jumps."""
    widths: dict[Target, Shape] = dict.fromkeys(masked, ())
    for loop in loops:
        tile = ir.condition_type(loop)
        assert tile is not None
        widths[loop] = tile.shape
    changed = True
    while changed:
        changed = False
        for jump, target, between in jumps:
            width: Shape = ()
            for op in reversed(between):
                match op:
                    case ir.If(condition, lanes=True):
                        width = _join(jump, width, condition.tile.shape)
                    case ir.If():
                        pass
                    case _:
                        width = _join(jump, width, widths[op])
                        changed |= width != widths[op]
                        widths[op] = width
            width = _join(jump, width, widths[target])
            changed |= width != widths[target]
            widths[target] = width
    return widths


def _join(jump: ir.Op, a: Shape, b: Shape) -> Shape:
    shape = broadcast_shapes(a, b)
    if shape is None:
        raise CompileError(f"lane conditions of shapes {a} and {b} meet here", location=jump.loc)
    return shape
