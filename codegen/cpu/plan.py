"""How a function will use a CPU: loops of vectors, and the steps for what is not elementwise."""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir

from ..options import NO_OPTIONS, Options
from ..planning.coordinates import identity
from ..planning.placing import fold_order
from ..planning.planner import Planner
from ..planning.state import Planning, Scope
from ..planning.steps import Running, Sequential, Step
from ..planning.walks import free_tiles, walk_op
from ..target import Target
from .copies import Copied, copied_arrays
from .costs import duration
from .orders import Orders
from .products import Products
from .steps import Plan, all_loops
from .vectors import finished
from .verify import find_faults

ENTRY: Final = "tilewright_entry"
LOAD_COST: Final = 2


def plan(function: ir.Function, target: Target, options: Options = NO_OPTIONS) -> Plan:
    """Decide everything about a function in flat form; raises `CompileError` if it does not fit."""
    planning = Planning(function, target, target.machine.vector_bytes, LOAD_COST)
    planner = Planner(planning, _Tools)
    steps = planner.block(function.body, Scope(None))
    faults = find_faults(steps)
    assert not faults, faults
    copies = copied_arrays(function)
    return Plan(
        entry=ENTRY,
        copies=copies,
        steps=steps,
        scratch_bytes=planner.scratch.bytes_needed,
        memos=tuple(planner.scratch.memos),
        memo_bytes=planner.scratch.memo_bytes,
        cost=max(duration(steps), 1.0),
        metadata=_metadata(function, target, steps, copies, planner.scratch.bytes_needed),
    )


class _Tools:
    """What the CPU brings to planning."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self.planning = planner.planning
        self.placing = planner.placing
        products = Products(self.planning, self.placing)
        orders = Orders(self.planning, self.placing)
        self.dot = products.plan
        self.sort = orders.sort
        self.gather = orders.gather
        self.histogram = orders.histogram

    def keep_factors(self, op: ir.For | ir.While, scope: Scope) -> None:
        """Left operands as they are; products pack the others."""
        outside = set(free_tiles(op))
        for inner in walk_op(op):
            match inner:
                case ir.Dot(a=a) if a in outside and a not in self.planning.views:
                    self.placing.find(a, scope)

    def is_turned_later(self, op: ir.Permute) -> bool:
        """Never: products take operands in any order."""
        return False

    def finish(self, scope: Scope) -> tuple[Step, ...]:
        """Loops of vectors."""
        return finished(scope, self.planning)

    def fold_order(self, space: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
        """What is kept outside, what is combined inside."""
        return fold_order(space, axes)

    def scan(self, op: ir.Scan, scope: Scope) -> None:
        """A sink that goes on from vector to vector; from the end, it reads back what is kept."""
        space, x = op.tile.shape, op.x
        wanted, order = [(x, identity(space))], fold_order(space, (op.axis,))
        place = self.placing.place
        if not op.reverse:
            scope.local[op] = place(scope, space, Running(op, None), wanted, order)
            return
        self.placing.find(x, scope)
        after, view = scope.when(x) + 1, self.planning.scratch.allocate(op)
        here = place(scope, space, Running(op, view), wanted, order, after)
        self.planning.publish(op, (view,), here, scope)

    def sequential(self, op: ir.ReduceWith | ir.ScanWith, scope: Scope) -> None:
        """Element after element, over kept tiles."""
        sources = tuple(self.placing.find(value, scope) for value in op.inputs)
        views = self.planning.results_in_memory(op)
        body = self.planner.block(op.body, scope, (None,) * len(op.results))
        here = scope.append_barrier(Sequential(op, sources, views, body))
        self.planning.publish(op, views, here, scope)


def _metadata(
    function: ir.Function,
    target: Target,
    steps: tuple[Step, ...],
    copies: tuple[Copied, ...],
    scratch_bytes: int,
) -> dict[str, object]:
    """What `.metadata` tells about the plan."""
    loops = list(all_loops(steps))
    return {
        "vector_width": max((loop.lanes for loop in loops), default=1),
        "vector_bytes": target.machine.vector_bytes,
        "fused_loops": len(loops),
        "scratch_bytes": scratch_bytes,
        "shared_memory": 0,
        "thread_copies": [copied.array.name for copied in copies],
        "prints": {
            op.place: [op.labels, [[str(x.tile.dtype), x.tile.shape] for x in op.values]]
            for op in ir.walk(function.body)
            if isinstance(op, ir.Print)
        },
    }
