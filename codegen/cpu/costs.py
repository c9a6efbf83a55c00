"""What things cost: enough to tell work worth sharing or keeping from what is not."""

from __future__ import annotations

from math import prod
from typing import Final

from tilewright.dsl import ir

from .planning import Draft, Planning, Scope
from .steps import (
    Arrange,
    Borrow,
    Branch,
    Count,
    Effect,
    Interleave,
    Loop,
    Memoize,
    Multiply,
    Repeat,
    RepeatWhile,
    Sequential,
    Splice,
    Step,
)
from .walks import INLINE, constant_trip, spread_over, walk_op

# Above this many operations it is cheaper to keep a value than to compute it once more: storing and
# loading a vector take two operations and some cache.
KEEP_COST: Final = 6
# Nanoseconds of an atomic, which other cores may want the line of, too.
ATOMIC_COST: Final = 6
# How often a loop runs whose bounds are not known, and the least that it is taken to last: half of
# what makes a launch worth a second thread, as handing out too little costs far less than too much.
SOME_ROUNDS: Final = 16
OPEN_LOOP: Final = 5_000

# Operations that an elementwise op costs; what is not named costs one.
_OP_COST: Final[dict[type[ir.Op], int]] = {
    ir.Load: 2, ir.LoadPointer: 2, ir.Broadcast: 0, ir.Reshape: 0, ir.Const: 0, ir.Iota: 0,
    ir.Bitcast: 0,
}  # fmt: skip
_KIND_COST: Final = {"div": 5, "sqrt": 6, "floordiv": 24, "mod": 24, "popcount": 8, "clz": 8}


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


def dear_value(planning: Planning, block: ir.Block, scope: Scope) -> ir.Op | None:
    """The last value that a block computes repeatedly and that is dearer than reading it back."""
    loops: dict[ir.Op, int] = {}
    repeated: set[ir.Value] = set()
    for draft in scope.steps:
        match draft:
            case Draft(space=space, demand=demand):
                for op in dict.fromkeys(demand.ops):
                    loops[op] = loops.get(op, 0) + 1
                repeated |= {v for v, where in demand.seen if spread_over(space, where) > 1}
    costs: dict[ir.Value, int] = {}
    for op in reversed(block.ops):
        match op:
            case ir.Broadcast() | ir.Reshape() | ir.Const() | ir.Iota():
                continue
        count = loops.get(op, 0)
        if not isinstance(op, INLINE) or op in planning.views or not op.tile.shape:
            continue
        if count > 1 or (count and op in repeated):
            if _cost(planning, op, costs) > KEEP_COST:
                return op
    return None


def _cost(planning: Planning, value: ir.Value, known: dict[ir.Value, int]) -> int:
    """The operations of a value and of all that is computed for it."""
    if value in known:
        return known[value]
    known[value] = 0
    if not isinstance(value, INLINE) or not value.tile.shape or value in planning.views:
        return 0
    inputs = value.operands
    own = _OP_COST.get(type(value), 1)
    match value:
        case ir.Binary(kind=kind) | ir.Unary(kind=kind):
            own = _KIND_COST.get(kind, 1)
        case ir.Load(mask=mask, fill=fill):
            inputs = tuple(x for x in (mask, fill) if x is not None)
    known[value] = own + sum(_cost(planning, x, known) for x in inputs)
    return known[value]
