"""What each loop of a plan does, in words: the ops it fuses, over which elements, how wide."""

from __future__ import annotations

from collections import Counter
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import Tile, index

from ..planning.steps import (
    ArgFold,
    Effect,
    Fold,
    Keep,
    Running,
)
from ..planning.walks import walk_op
from .steps import (
    Loop,
    Plan,
    all_loops,
)

# What no instruction stands for, or one before the loop.
SILENT: Final = (ir.Broadcast, ir.Reshape, ir.Const, ir.Iota, ir.Yield)


def describe_loops(plan: Plan) -> list[str]:
    """A line for each loop: `1024 elements, 32 lanes: load 2, fma, store`."""
    return [_describe(loop) for loop in all_loops(plan.steps)]


def _describe(loop: Loop) -> str:
    counts: Counter[str] = Counter()
    for op in _fused(loop):
        counts[getattr(op, "kind", op.opname)] += 1
    ops = ", ".join(name if n == 1 else f"{name} {n}" for name, n in counts.items())
    extents = " x ".join(map(str, loop.space))
    return f"{extents} elements, {loop.lanes} lanes: {ops or 'fill'}"


def _fused(loop: Loop) -> list[ir.Op]:
    """The ops of a loop: those that its sinks need and that lie nowhere yet, then the sinks."""
    made = {sink.view for sink in loop.sinks if isinstance(sink, Keep)}
    there = {value for value, view in loop.reads.items() if view not in made}
    found: dict[ir.Op, None] = {}
    for sink in loop.sinks:
        match sink:
            case Keep(value):
                _collect(value, there, found)
            case Fold(op) | ArgFold(op) | Running(op) | Effect(op):
                inner = walk_op(op)
                for value in (value for one in inner for value in one.operands):
                    _collect(value, there, found)
                found.update(dict.fromkeys(inner))
    return [op for op in found if not isinstance(op, SILENT) and not _is_address(op)]


def _collect(value: ir.Value, there: set[ir.Value], found: dict[ir.Op, None]) -> None:
    """Note what computes a tile, operands first."""
    match value:
        case ir.Op(type=Tile(shape=shape)) if shape and value not in there and value not in found:
            for operand in value.operands:
                _collect(operand, there, found)
            found[value] = None


def _is_address(op: ir.Op) -> bool:
    """Whether an op only says where something lies."""
    return any(isinstance(one.type, Tile) and one.type.dtype == index for one in op.results)
