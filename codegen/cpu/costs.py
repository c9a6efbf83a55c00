"""What things cost: enough to tell work worth sharing or keeping from what is not."""

from __future__ import annotations

from math import prod
from typing import Final

from tilewright.dsl import ir

from ..planning.steps import (
    Branch,
    Effect,
    Repeat,
    RepeatWhile,
    Sequential,
    Splice,
    Step,
)
from ..planning.walks import constant_trip, walk_op
from .steps import (
    Arrange,
    Borrow,
    Count,
    Interleave,
    Loop,
    Memoize,
    Multiply,
)

# Nanoseconds of an atomic, which other cores may want the line of, too.
ATOMIC_COST: Final = 6
# How often a loop runs whose bounds are not known, and the least that it is taken to last: half of
# what makes a launch worth a second thread, as handing out too little costs far less than too much.
SOME_ROUNDS: Final = 16
OPEN_LOOP: Final = 5_000


def duration(steps: tuple[Step, ...]) -> float:
    """Nanoseconds that steps take, roughly."""
    return sum(map(_duration, steps))


def _duration(step: Step) -> float:
    match step:
        case Loop(space=space, sinks=sinks, lanes=lanes):
            ops = len(sinks) * 4
            atomics = 0
            for sink in sinks:
                match sink:
                    case Effect(ir.Atomic() | ir.AtomicPointer()):
                        atomics += 1
                    case Effect(op) if op.blocks:
                        ops += 64 * len(walk_op(op))
            return prod(space) * (ops / max(lanes, 1) * 0.5 + atomics * ATOMIC_COST)
        case Multiply(op=op):
            narrowing = op.result_dtype.itemsize / op.a.tile.dtype.itemsize
            depth = sum(one.op.a.tile.shape[-1] for one in step.products)
            return 2.0 * op.tile.size * depth / (50.0 * narrowing)
        case Interleave(shape=shape):
            return prod(shape) / 16.0
        case Repeat(op=op, body=body):
            trip = constant_trip(op)
            if trip is None:
                return max(SOME_ROUNDS * duration(body), OPEN_LOOP)
            return trip * duration(body)
        case RepeatWhile(body=body):
            return max(SOME_ROUNDS * duration(body), OPEN_LOOP)
        case Branch(then=then, orelse=orelse):
            return max(duration(then), duration(orelse))
        case Splice(body=body) | Memoize(body=body) | Borrow(body=body):
            return duration(body)
        case Arrange(op=op, sorting=sorting):
            rounds = sorting.size.bit_length() ** 2 / 2
            rows = op.x.tile.size / op.x.tile.shape[op.axis]
            width = sorting.lanes if sorting.columns is None else 1
            return rows * sorting.units * width * rounds * sorting.words / sorting.lanes
        case Count(op=op):
            return 1.0 * op.x.tile.size + op.bins
        case Sequential(op=op):
            return 2.0 * op.operands[0].tile.size
        case _:
            return 0.5
