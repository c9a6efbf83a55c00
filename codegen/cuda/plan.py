"""How a function will use a GPU: a block of threads a program, loops dealt to its threads."""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import DTYPE_CODES, Dtype, f32, i32, u32, u64

from ..abi import argument_layout
from ..analysis.divisibility import Divisors
from ..analysis.memory import memory_of
from ..options import NO_OPTIONS, Options
from ..planning.placing import natural_order
from ..planning.planner import Planner
from ..planning.state import Draft, Planning, Scope
from ..planning.steps import Effect, Step, View
from ..planning.walks import walk_op
from ..target import Target
from .barriers import place_barriers
from .decide import Decisions, decide
from .folds import MOST_BROUGHT, are_outer, fold_axes, meeting_places
from .pipeline import fetch_ahead
from .prelude import defined_names
from .products import Products, settled
from .spelling import RESERVED
from .steps import Arrange, Combine, Count, Loop, Plan, Read, Registers, tensor_maps, walk_steps

LOAD_COST: Final = 16  # from global memory: a tile that is read twice is kept
BROADCAST_BYTES: Final = 1024  # of shared memory, kept for what single threads tell the others


def plan(function: ir.Function, target: Target, options: Options = NO_OPTIONS) -> Plan:
    """Decide everything about a function in flat form; raises `CompileError` if it does not fit."""
    planner = Planner(Planning(function, target, 0, LOAD_COST), _Tools)
    narrow = "narrow" in function.facts
    steps = planner.block(function.body, Scope(None))
    limit = target.gpu.shared_memory - BROADCAST_BYTES
    loops = [step for step in walk_steps(steps) if isinstance(step, Loop)]
    if any(are_outer(loop.space, fold_axes(loop)) for loop in loops):
        limit -= MOST_BROUGHT
    steps = fetch_ahead(function, steps, target.gpu, limit, options.num_stages)
    decisions = decide(steps, limit, (narrow, Divisors(function)), options.num_warps)
    steps = settled(steps, decisions.places, decisions.threads)
    meetings = meeting_places(steps, decisions.threads)
    steps = place_barriers(function, steps, decisions.places, decisions.layouts, meetings)
    return Plan(
        entry=_entry(function.name),
        threads=decisions.threads,
        steps=steps,
        layouts=decisions.layouts,
        tiles=decisions.tiles,
        places=decisions.places,
        meetings=meetings,
        shared_bytes=decisions.shared_bytes,
        scratch_bytes=decisions.scratch_bytes,
        cost=0.0,
        metadata=_metadata(function, steps, decisions),
    )


class _Tools:
    """What the GPU brings to planning."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self.planning = planner.planning
        self.placing = planner.placing
        products = Products(self.planning, self.placing)
        self.dot = products.plan
        self.keep_factors = products.keep_factors
        self.is_turned_later = products.is_turned_later

    def finish(self, scope: Scope) -> tuple[Step, ...]:
        """Loops as they are: what deals them to threads sees all of them."""
        return tuple(
            _finish(step) if isinstance(step, Draft) else step
            for step in scope.steps
            if step is not None
        )

    def fold_order(self, space: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
        """Any for a whole reduction; others share a loop only over the same axes."""
        kept = tuple(axis for axis in range(len(space)) if axis not in axes and space[axis] > 1)
        return (*kept, -1, *sorted(axes)) if kept else natural_order(space)

    def sort(self, op: ir.Sort, scope: Scope) -> None:
        """Sort positions by keys, rows filled up to a power of two."""
        planning = self.planning
        source = self.placing.find(op.x, scope)
        (view,) = planning.results_in_memory(op)
        assert view is not None
        extent = op.x.tile.shape[op.axis]
        size = 1 << (extent - 1).bit_length()
        rows = op.x.tile.size // extent
        keys = planning.scratch.reserve("keys", _key_dtype(op.x.tile.dtype), rows * size)
        places = planning.scratch.reserve("places", i32, rows * size)
        here = scope.append_barrier(Arrange(op, source, view, keys, places, size))
        planning.publish(op, (view,), here, scope)

    def gather(self, op: ir.Gather, scope: Scope) -> None:
        """Keep the source, then, in a loop of its own or another, what is taken from it."""
        self.placing.find(op.x, scope)
        self.placing.keep(op, scope)

    def histogram(self, op: ir.Histogram, scope: Scope) -> None:
        """Count in the memory of the result."""
        source = self.placing.find(op.x, scope)
        (view,) = self.planning.results_in_memory(op)
        assert view is not None
        here = scope.append_barrier(Count(op, source, view))
        self.planning.publish(op, (view,), here, scope)

    def scan(self, op: ir.Scan, scope: Scope) -> None:
        """Copy the tile to where the result lies, then add up neighbours there in rounds."""
        view = self._copied(op.x, scope)
        step = Combine(op, (view,), (view,), op.axis, op.reverse, ())
        self.planning.publish(op, (view,), scope.append_barrier(step), scope)

    def sequential(self, op: ir.ReduceWith | ir.ScanWith, scope: Scope) -> None:
        """Copy the tiles, then combine neighbours in rounds by the body."""
        views = tuple(self._copied(value, scope) for value in op.inputs)
        body = self.planner.block(op.body, scope, (None,) * len(op.results))
        is_scan = isinstance(op, ir.ScanWith)
        results = views if is_scan else self.planning.results_in_memory(op)
        reverse = isinstance(op, ir.ScanWith) and op.reverse
        here = scope.append_barrier(Combine(op, views, results, op.axis, reverse, body))
        self.planning.publish(op, results, here, scope)

    def _copied(self, value: ir.Value, scope: Scope) -> View:
        """A copy of a tile that may be overwritten, made in a loop that takes in no more."""
        if value in scope.local:
            self.planning.keep_local(value, scope)
        view = self.planning.scratch.allocate(value)
        self.placing.write(value, view, scope)
        return view


def _entry(name: str) -> str:
    """The name of the entry: the kernel's, unless that means something else there."""
    return f"{name}_kernel" if name in RESERVED | defined_names() else name


def _finish(draft: Draft) -> Loop:
    demand = draft.demand
    effects = [inner for s in draft.sinks if isinstance(s, Effect) for inner in walk_op(s.op)]
    inside = {inner for s in draft.sinks if isinstance(s, Effect) for inner in walk_op(s.op)[1:]}
    loads = tuple(dict.fromkeys(load for load in demand.loads if load[0] not in inside))
    touching = [op for op in (*(op for op, _ in demand.loads), *effects) if memory_of(op)]
    reads = tuple(
        (value, where, demand.sources[value]) for value, where in dict.fromkeys(demand.reads)
    )
    quotients = tuple(op for op in dict.fromkeys(demand.ops) if _is_shared_quotient(op, reads))
    sinks = tuple(draft.sinks)
    return Loop(draft.space, sinks, reads, loads, tuple(dict.fromkeys(touching)), quotients)


def _is_shared_quotient(op: ir.Op, reads: tuple[Read, ...]) -> bool:
    """Whether an op divides a kept tile by one number."""
    match op:
        case ir.Binary("div", x, ir.Broadcast(by)) if x.tile.dtype is f32:
            return not by.tile.shape and any(value is x for value, _, _ in reads)
        case _:
            return False


def _key_dtype(dtype: Dtype) -> Dtype:
    return u64 if dtype.bits == 64 else u32


def _tensor_maps(function: ir.Function, steps: tuple[Step, ...]) -> list[list[int]]:
    """For each map where its array's slot is, the rank, the dtype, a box's rows and columns."""
    slots = argument_layout(function).slots
    offsets = {function.parameters[s.parameter]: s.offset for s in slots if s.kind == "array"}
    found = []
    for one in tensor_maps(steps):
        array = one.parameter.array
        code = DTYPE_CODES[array.dtype]
        found.append([offsets[one.parameter], array.rank, code, one.rows, one.columns])
    return found


def _metadata(
    function: ir.Function, steps: tuple[Step, ...], decisions: Decisions
) -> dict[str, object]:
    """What `.metadata` tells about the plan."""
    loops = [step for step in walk_steps(steps) if isinstance(step, Loop)]
    in_registers = [b.name for b, place in decisions.places.items() if isinstance(place, Registers)]
    ops = list(ir.walk(function.body))
    prints = [op for op in ops if isinstance(op, ir.Print)]
    return {
        "threads": decisions.threads,
        "vector_width": max((decisions.layouts[loop].vector for loop in loops), default=1),
        "fused_loops": len(loops),
        "shared_memory": decisions.shared_bytes,
        "scratch_bytes": decisions.scratch_bytes,
        "tiles_in_registers": in_registers,
        "tensor_maps": _tensor_maps(function, steps),
        "reports": bool(prints) or any(isinstance(op, ir.Check) for op in ops),
        "prints": {
            op.place: [op.labels, [[str(x.tile.dtype), x.tile.shape] for x in op.values]]
            for op in prints
        },
    }
