"""What loops do, in a line each."""

from __future__ import annotations

from collections import Counter

from tilewright.dsl import ir

from ..planning.steps import ArgFold, Effect, Fold, Keep
from .steps import Loop, Plan, walk_steps


def describe_loops(plan: Plan) -> list[str]:
    """A line for each loop: `1024 elements, 128 threads, 4 at a time: load, store`."""
    return [_describe(plan, step) for step in walk_steps(plan.steps) if isinstance(step, Loop)]


def _describe(plan: Plan, loop: Loop) -> str:
    counts: Counter[str] = Counter(getattr(op, "kind", op.opname) for op, _ in loop.loads)
    for sink in loop.sinks:
        match sink:
            case Keep():
                counts["keep"] += 1
            case Fold(ir.Reduce(kind)) | ArgFold(ir.ArgReduce(kind)):
                counts[kind] += 1
            case Effect(op):
                counts[op.opname] += 1
            case _:
                pass
    ops = ", ".join(name if n == 1 else f"{name} {n}" for name, n in counts.items())
    extents = " x ".join(map(str, loop.space))
    return f"{extents} elements, {plan.layouts[loop]}: {ops or 'fill'}"
