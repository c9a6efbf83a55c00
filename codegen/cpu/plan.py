"""How a function will use a CPU: which ops share a loop nest, what is kept in memory, vector widths.

A plan is a program: steps in final order. Scalars are computed once per program. Tile ops are not
computed on their own: a `Loop` runs over an index space and each of its sinks (a store, a reduction,
a value to keep) pulls in the elementwise ops it needs, vector by vector. A value is kept in scratch
memory only if several loops need it and computing it again costs more than reading it back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError, at
from tilewright.dsl.types import Dtype, Tile, broadcast_shapes, index, u8

from ..analysis.contiguity import (
    Coordinates,
    constant_of,
    step_along,
    through_broadcast,
    through_unit_reshape,
)
from ..analysis.memory import may_alias
from ..target import Target
from .layout import align_shape, aligned, dense_strides, identity
from .registers import register_tile
from .steps import (
    ArgFold,
    Branch,
    Buffer,
    Compute,
    Effect,
    Fold,
    Keep,
    Leave,
    RESERVED_BYTES,
    Loop,
    Multiply,
    Pick,
    Plan,
    Repeat,
    RepeatWhile,
    Running,
    Sequential,
    Show,
    Sink,
    Splice,
    Step,
    View,
    all_loops,
    padded,
)

# Above this many operations it is cheaper to keep a value than to compute it once more: storing and
# loading a vector take two operations and some cache.
KEEP_COST: Final = 6
# What fits a worker's arena; beyond, a tile is a mistake.
SCRATCH_LIMIT: Final = 256 * 1024 * 1024
ALIGNMENT: Final = 64
ENTRY: Final = "tilewright_entry"

_ELEMENTWISE: Final = (
    ir.Const, ir.Iota, ir.Unary, ir.Binary, ir.Compare, ir.Select, ir.Fma, ir.Cast, ir.Bitcast,
    ir.Broadcast, ir.Load, ir.LoadPointer, ir.Offset,
)  # fmt: skip
_LEAVES: Final = (ir.Yield, ir.Break, ir.Continue, ir.Return)


def plan(function: ir.Function, target: Target) -> Plan:
    """Decide everything about a function in flat form; raises `CompileError` if it does not fit."""
    planner = Planner(function, target)
    steps = planner.block(function.body, _Scope(None))
    return Plan(
        entry=ENTRY,
        steps=steps,
        scratch_bytes=planner.peak + ALIGNMENT,
        cost=max(planner.cost_of(steps), 1.0),
        metadata=planner.metadata(steps),
    )


@dataclass(eq=False)
class _Scope:
    """A block being planned: its steps so far, and when each value and memory access is ready."""

    parent: _Scope | None
    steps: list[_Draft | Step] = field(default_factory=list)
    ready: dict[ir.Value, int] = field(default_factory=dict)
    loads: list[tuple[ir.Op, int]] = field(default_factory=list)
    stores: list[tuple[ir.Op, int]] = field(default_factory=list)
    local: dict[ir.Value, int] = field(
        default_factory=dict
    )  # region results: the step they live in
    kept: set[ir.Value] = field(
        default_factory=set
    )  # tiles that a loop computes and keeps
    barrier: int = -1  # the last step that nothing moves over

    def when(self, value: ir.Value) -> int:
        """The step that makes a value; -1 if it comes from outside."""
        return self.ready.get(value, -1)


@dataclass(eq=False)
class _Draft:
    """A loop that still takes in sinks."""

    space: tuple[int, ...]
    order: tuple[int, ...]
    vector: int
    sinks: list[Sink] = field(default_factory=list)
    demand: _Demand = field(default_factory=lambda: _Demand())


@dataclass(eq=False)
class _Demand:
    """What computing something pulls in."""

    seen: set[tuple[ir.Value, Coordinates]] = field(default_factory=set)
    ops: list[ir.Op] = field(default_factory=list)
    leaves: set[ir.Value] = field(default_factory=set)  # scalars and kept values
    reads: list[tuple[ir.Value, Coordinates]] = field(
        default_factory=list
    )  # of kept values
    sources: dict[ir.Value, View] = field(default_factory=dict)  # where those lie
    loads: list[tuple[ir.Op, Coordinates]] = field(default_factory=list)
    locals: dict[ir.Value, None] = field(
        default_factory=dict
    )  # of regions run in the same loop
    regions: bool = False


@dataclass(frozen=True, eq=False)
class _Target:
    """A loop being planned: its body, the carried values there, and where those that are tiles lie."""

    body: ir.Block
    carried: tuple[ir.Parameter, ...]
    views: tuple[View | None, ...]


class Planner:
    """Plans block by block; owns the scratch memory."""

    def __init__(self, function: ir.Function, target: Target) -> None:
        self.function = function
        self.machine = target.machine
        self.narrow = "narrow" in function.facts
        self.views: dict[ir.Value, View] = {}
        self.top = self.peak = RESERVED_BYTES
        self.order = {op: n for n, op in enumerate(ir.walk(function.body))}
        self.users: dict[ir.Value, list[ir.Op]] = {}
        for op in ir.walk(function.body):
            for value in op.operands:
                self.users.setdefault(value, []).append(op)
        self.targets: list[_Target] = []  # of the loops around
        self.returns: list[tuple[View | None, ...]] = []
        self.keep_again: set[ir.Value] = set()

    # --- blocks

    def block(
        self, block: ir.Block, scope: _Scope, results: tuple[View | None, ...] = ()
    ) -> tuple[Step, ...]:
        """Plan a block; a `Yield` at its end fills `results`.

        Planned twice where the first attempt shows values that several loops need and that are dear.
        """
        mark, views = self.top, self.views
        while True:
            self.views = dict(views)
            attempt = _Scope(scope)
            self._ops(block, attempt, results)
            again = self._dear_values(block, attempt)
            if not again:
                break
            self.keep_again |= again
            self.top = mark
        self.views = (
            views  # what a block keeps, it may not have kept when it was passed by
        )
        steps = tuple(self._finish(step) for step in attempt.steps)
        if scope.parent is not None or results:
            self.top = mark
        return steps

    def _ops(
        self, block: ir.Block, scope: _Scope, results: tuple[View | None, ...]
    ) -> None:
        pinned = self._pinned_loads(block)
        for op in block.ops:
            with at(op.loc):
                if op in pinned or (op in self.keep_again and op not in self.views):
                    self._keep(op, scope)
                else:
                    self._op(op, scope, results)

    def _op(self, op: ir.Op, scope: _Scope, results: tuple[View | None, ...]) -> None:
        match op:
            case ir.Yield(values):
                self._leave(op, values, results, scope)
            case ir.Break(values) | ir.Continue(values):
                self._leave(op, values, self.targets[-1].views, scope)
            case ir.Return(values):
                self._leave(op, values, self.returns[-1] if self.returns else (), scope)
            case ir.Reduce(kind, x, axes):
                self._fold(op, x, axes, scope)
            case ir.ArgReduce(_, x, axis):
                self._fold(op, x, (axis,), scope)
            case ir.Scan(_, x, axis, _):
                self._scan(op, x, axis, scope)
            case ir.ReduceWith(inputs) | ir.ScanWith(inputs):
                self._sequential(op, inputs, scope)
            case ir.Dot():
                self._dot(op, scope)
            case ir.Store(_, positions, value, mask) if op_shape(op):
                self._store(op, scope)
            case ir.StorePointer() if op_shape(op):
                self._store(op, scope)
            case ir.Check(condition) if condition.tile.shape:
                self._check(op, condition.tile.shape, scope)
            case ir.Breakpoint():
                pass  # for the interpreter
            case ir.Print(_, values):
                sources = tuple(
                    self._view(v, scope) if v.tile.shape else None for v in values
                )
                size = sum(padded(value.tile) for value in values)
                self._barrier(
                    Show(op, sources, self._reserve("print", u8, size)), scope
                )
            case ir.If() | ir.For() | ir.While() | ir.Inlined():
                self._region(op, scope)
            case ir.Permute() | ir.Flip() | ir.Slice():
                self.views[op] = _transformed(op, self._view(op.operands[0], scope))
                scope.ready[op] = scope.when(op.operands[0])
            case ir.Reshape(x, shape) if op.tile.shape and not self._is_unit_reshape(
                op
            ):
                view = self._view(x, scope)
                ready = scope.when(x)
                if not view.is_dense(x.shape):
                    view, ready = self._copy(x, scope)
                self.views[op] = View(view.buffer, view.offset, dense_strides(shape))
                scope.ready[op] = ready
            case ir.Reshape(x, ()):
                scope.steps.append(Pick(op, self._view(x, scope)))
                scope.ready[op] = len(scope.steps) - 1
            case ir.Concat(parts, axis):
                self._concat(op, parts, axis, scope)
            case _ if (
                all(isinstance(r.type, Tile) and r.tile.shape for r in op.results)
                and op.results
            ):
                pass  # elementwise: computed in the loops that need it
            case _:
                self._compute(op, scope)

    # --- scalars

    def _compute(self, op: ir.Op, scope: _Scope) -> None:
        scope.steps.append(Compute(op))
        here = len(scope.steps) - 1
        for result in op.results:
            scope.ready[result] = here
        if isinstance(op, (ir.Load, ir.LoadPointer)):
            scope.loads.append((op, here))
        if op.effect is ir.Effect.WRITE:
            scope.stores.append((op, here))
            if not isinstance(op, (ir.Store, ir.StorePointer)):
                scope.barrier = here

    def _barrier(self, step: Step, scope: _Scope) -> int:
        scope.steps.append(step)
        scope.barrier = len(scope.steps) - 1
        return scope.barrier

    # --- loops and their sinks

    def _place(
        self,
        scope: _Scope,
        space: tuple[int, ...],
        sink: Sink,
        demands: list[tuple[ir.Value, Coordinates]],
        order: tuple[int, ...] | None = None,
        after: int = -1,
        region: ir.Op | None = None,
    ) -> int:
        """Put a sink into the earliest loop that may take it, or into a new one; the step's number."""
        demand = _Demand()
        for value, coordinates in demands:
            self._trace(value, coordinates, demand, scope)
        if region is not None:
            self._trace_region(region, identity(space), demand, scope)
        ready = (
            self._usable_from(leaf, space, demand, scope) for leaf in demand.leaves
        )
        first = max([after, scope.barrier + 1, *ready])
        for load, _ in demand.loads:
            for store, here in scope.stores:
                if (
                    self._conflicts(load, store)
                    and self.order[store] < self.order[load]
                ):
                    first = max(first, here + 1)
        homes = {scope.local[value] for value in demand.locals if value in scope.local}
        wanted = order or natural_order(space)
        for here in range(first, len(scope.steps)):
            draft = scope.steps[here]
            if not isinstance(draft, _Draft) or draft.space != space:
                continue
            if order is not None and draft.order != wanted:
                continue
            if order is None and draft.order != wanted and isinstance(sink, Effect):
                continue
            if homes <= {here}:
                break
        else:
            here = len(scope.steps)
            scope.steps.append(_Draft(space, wanted, space_vector_axis(space)))
        stray = [
            value for value in demand.locals if scope.local.get(value, here) != here
        ]
        if stray:
            for value in stray:
                self._keep_local(value, scope)
            return self._place(scope, space, sink, demands, order, after, region)
        draft = scope.steps[here]
        assert isinstance(draft, _Draft)
        draft.sinks.append(sink)
        _merge(draft.demand, demand)
        scope.loads.extend((load, here) for load, _ in demand.loads)
        return here

    def _usable_from(
        self, leaf: ir.Value, space: tuple[int, ...], demand: _Demand, scope: _Scope
    ) -> int:
        """The first step that may use a value; the loop that keeps a tile has it in registers."""
        here = scope.when(leaf)
        if leaf in scope.kept and leaf.tile.shape == space:
            whole = identity(space)
            if all(where == whole for value, where in demand.reads if value is leaf):
                return here
        return here + 1

    def _keep_local(self, result: ir.Value, scope: _Scope) -> None:
        """Keep the result of a region that another loop needs, in the loop that ran the region."""
        here = scope.local.pop(result)
        view = self._allocate(result)
        draft = scope.steps[here]
        assert isinstance(draft, _Draft)
        draft.sinks.append(Keep(result, view, local=True))
        self.views[result] = view
        scope.ready[result] = here

    def _keep(self, value: ir.Value, scope: _Scope, view: View | None = None) -> View:
        """Compute a tile now and keep it in memory."""
        target = view or self._allocate(value)
        shape = value.tile.shape
        here = self._place(
            scope, shape, Keep(value, target), [(value, identity(shape))]
        )
        if view is None:
            self.views[value] = target
            scope.ready[value] = here
            scope.kept.add(value)
        return target

    def _view(self, value: ir.Value, scope: _Scope) -> View:
        """Where a value lies in memory, kept now if it is not yet."""
        if value in self.views:
            return self.views[value]
        if value in scope.local:
            self._keep_local(value, scope)
            return self.views[value]
        return self._keep(value, scope)

    def _copy(self, value: ir.Value, scope: _Scope) -> tuple[View, int]:
        """A dense copy of a kept value, and the step that makes it."""
        alias = self._alias(value, self.views[value])
        view = self._allocate(value)
        shape = value.tile.shape
        after = scope.when(value) + 1
        here = self._place(
            scope, shape, Keep(alias, view), [(alias, identity(shape))], after=after
        )
        return view, here

    def _alias(self, value: ir.Value, view: View) -> ir.Value:
        """A kept tile under a name of its own."""
        alias = ir.Parameter(value.type, value.name)
        self.views[alias] = view
        return alias

    def _fold(
        self, op: ir.Op, x: ir.Value, axes: tuple[int, ...], scope: _Scope
    ) -> None:
        space = x.tile.shape
        order = fold_order(space, axes)
        views = tuple(self._allocate(r) if r.tile.shape else None for r in op.results)
        sink = (
            ArgFold(op, views) if isinstance(op, ir.ArgReduce) else Fold(op, views[0])
        )
        here = self._place(scope, space, sink, [(x, identity(space))], order)
        self._results(op, views, here, scope)

    def _scan(self, op: ir.Scan, x: ir.Value, axis: int, scope: _Scope) -> None:
        space = x.tile.shape
        view = self._allocate(op)
        after = -1
        if op.reverse:
            self._view(x, scope)  # read back from the end, so all of it must be there
            after = scope.when(x) + 1
        here = self._place(
            scope,
            space,
            Running(op, view),
            [(x, identity(space))],
            fold_order(space, (axis,)),
            after,
        )
        self._results(op, (view,), here, scope)

    def _sequential(
        self, op: ir.Op, inputs: tuple[ir.Value, ...], scope: _Scope
    ) -> None:
        for value in inputs:
            self._view(value, scope)
        views = tuple(self._allocate(r) if r.tile.shape else None for r in op.results)
        sources = tuple(self.views[value] for value in inputs)
        body = self.block(op.blocks[0], scope, (None,) * len(op.results))
        here = self._barrier(Sequential(op, sources, views, body), scope)
        self._results(op, views, here, scope)

    def _store(self, op: ir.Op, scope: _Scope) -> None:
        shape = op_shape(op)
        whole = identity(shape)
        demands = [
            (x, aligned(x, whole, shape) if isinstance(x.type, Tile) else ())
            for x in op.operands
        ]
        after = -1
        for load, here in scope.loads:
            if self._conflicts(load, op):
                after = max(after, here if self._same_place(load, op) else here + 1)
        for store, here in scope.stores:
            if self._conflicts(store, op):
                after = max(after, here + 1)
        here = self._place(
            scope, shape, Effect(op), demands, natural_order(shape), after
        )
        scope.stores.append((op, here))

    def _check(self, op: ir.Check, shape: tuple[int, ...], scope: _Scope) -> None:
        """A check stands before what follows it: a failed one must not come after a write."""
        demands = [(x, align_shape(x.tile.shape, identity(shape))) for x in op.operands]
        self._place(scope, shape, Effect(op), demands, natural_order(shape))
        scope.barrier = len(scope.steps) - 1

    def _concat(
        self, op: ir.Concat, parts: tuple[ir.Value, ...], axis: int, scope: _Scope
    ) -> None:
        whole = self._allocate(op)
        position = 0
        here = -1
        for part in parts:
            offset = whole.offset + position * whole.strides[axis]
            shape = part.tile.shape
            sink = Keep(part, View(whole.buffer, offset, whole.strides))
            here = max(here, self._place(scope, shape, sink, [(part, identity(shape))]))
            position += shape[axis]
        self._results(op, (whole,), here, scope)

    def _dot(self, op: ir.Dot, scope: _Scope) -> None:
        a = self._view(op.a, scope)
        if a.strides[-1] != 1:
            a, _ = self._copy(op.a, scope)
        b = self._panels(op.b, scope)
        out = self._accumulator(op)
        if op.acc is not None and self.views.get(op.acc) != out:
            with_acc = op.acc in self.views or op.acc in scope.local
            if with_acc:
                self._view(op.acc, scope)
            shape = op.tile.shape
            self._place(scope, shape, Keep(op.acc, out), [(op.acc, identity(shape))])
        here = self._barrier(Multiply(op, a, b, out, clear=op.acc is None), scope)
        self._results(op, (out,), here, scope)

    def _panels(self, value: ir.Value, scope: _Scope) -> View:
        """The right operand of a product, in panels as wide as the register tile."""
        *batch, rows, columns = value.tile.shape
        width = register_tile(self.machine, value.tile.dtype.itemsize)[1]
        if value in scope.local:
            self._keep_local(value, scope)
        size = rows * -(-columns // width) * width
        buffer = self._reserve(
            value.name or "tile", value.tile.dtype, prod(batch) * size
        )
        leading = (size,) if batch else ()
        view = View(buffer, 0, (*leading, width, 1), width, rows * width)
        shape = value.tile.shape
        source = self._alias(value, self.views[value]) if value in self.views else value
        after = scope.when(value) + 1 if source is not value else -1
        self._place(
            scope, shape, Keep(source, view), [(source, identity(shape))], after=after
        )
        return view

    def _accumulator(self, op: ir.Dot) -> View:
        """Where a product lies: in place of the carried tile that it replaces, where nothing is lost."""
        users = self.users.get(op, [])
        if op.acc is not None and len(users) == 1 and self.targets:
            target = self.targets[-1]
            if users[0] is target.body.terminator:
                position = users[0].operands.index(op)
                view = target.views[position]
                if view is not None and self._only_feeds(target.carried[position], op):
                    return view
        return self._allocate(op)

    def _only_feeds(self, carried: ir.Value, op: ir.Dot) -> bool:
        """Whether a carried tile is read, element by element, for nothing but the accumulator."""
        if op.acc is carried:
            return len(self.users.get(carried, [])) == 1
        pending = [carried]
        while pending:
            value = pending.pop()
            for user in self.users.get(value, []):
                if user is op and op.acc is value:
                    continue
                if not isinstance(
                    user, (ir.Unary, ir.Binary, ir.Fma, ir.Select, ir.Cast)
                ):
                    return False
                if user.tile.shape != carried.tile.shape:
                    return False
                pending.append(user)
        return True

    def _results(
        self, op: ir.Op, views: tuple[View | None, ...], here: int, scope: _Scope
    ) -> None:
        for result, view in zip(op.results, views, strict=True):
            scope.ready[result] = here
            if view is not None:
                self.views[result] = view

    # --- control flow

    def _region(self, op: ir.Op, scope: _Scope) -> None:
        space = self._lane_space(op)
        if space:
            self._lane_region(op, space, scope)
        else:
            self._control(op, scope)

    def _lane_region(self, op: ir.Op, space: tuple[int, ...], scope: _Scope) -> None:
        """Run a region inside a loop over its lanes: each vector runs it for itself."""
        inside = list(walk_op(op))
        after = -1
        for inner in inside:
            if inner.effect is ir.Effect.WRITE:
                for other, here in [*scope.loads, *scope.stores]:
                    if self._conflicts(other, inner):
                        after = max(after, here + 1)
        here = self._place(
            scope, space, Effect(op), [], natural_order(space), after, region=op
        )
        for inner in inside:
            if inner.effect is ir.Effect.WRITE:
                scope.stores.append((inner, here))
        for result in op.results:
            scope.local[result] = here
            if result.tile.shape != space and self.users.get(result):
                self._keep_local(result, scope)

    def _control(self, op: ir.Op, scope: _Scope) -> None:
        for value in free_tiles(op):
            if value in scope.local:
                self._keep_local(value, scope)
        match op:
            case ir.If(_, then, orelse):
                views = tuple(
                    self._allocate(r) if r.tile.shape else None for r in op.results
                )
                step: Step = Branch(
                    op, self.block(then, scope, views), self.block(orelse, scope, views)
                )
            case ir.Inlined(_, body):
                views = tuple(
                    self._allocate(r) if r.tile.shape else None for r in op.results
                )
                self.returns.append(views)
                step = Splice(op, self.block(body, scope, views))
                self.returns.pop()
            case ir.For(inits=inits, body=body):
                views = self._carry(inits, body.parameters[1:], scope)
                self.targets.append(_Target(body, body.parameters[1:], views))
                step = Repeat(op, self.block(body, scope, views))
                self.targets.pop()
            case ir.While(inits, condition, body):
                views = self._carry(inits, body.parameters, scope)
                self.views.update(
                    (p, v)
                    for p, v in zip(condition.parameters, views, strict=True)
                    if v is not None
                )
                test = self.block(condition, scope, (None,))
                self.targets.append(_Target(body, body.parameters, views))
                step = RepeatWhile(op, test, self.block(body, scope, views))
                self.targets.pop()
            case _:
                raise AssertionError(op)
        here = self._barrier(step, scope)
        self._results(op, views, here, scope)

    def _carry(
        self,
        inits: tuple[ir.Value, ...],
        parameters: tuple[ir.Parameter, ...],
        scope: _Scope,
    ) -> tuple[View | None, ...]:
        """Buffers of carried tiles, filled with what they begin as."""
        views: list[View | None] = []
        for value, parameter in zip(inits, parameters, strict=True):
            if not value.tile.shape:
                views.append(None)
                continue
            if value in scope.local:
                self._keep_local(value, scope)
            view = self._allocate(value)
            self._keep(value, scope, view)
            self.views[parameter] = view
            views.append(view)
        return tuple(views)

    def _leave(
        self,
        op: ir.Op,
        values: tuple[ir.Value, ...],
        targets: tuple[View | None, ...],
        scope: _Scope,
    ) -> None:
        """Bring tile values to where the construct that is left wants them, then leave it.

        A value may be written over the carried tile only if no other value still reads that tile from
        elsewhere; otherwise it takes a detour through a buffer of its own.
        """
        pending = [
            (value, view)
            for value, view in zip(values, targets, strict=True)
            if view is not None and self.views.get(value) != view
        ]
        detours = []
        for value, view in pending:
            if value in scope.local:
                self._keep_local(value, scope)
            if self._is_read_elsewhere(view, value, pending, scope):
                detours.append(
                    (value, self._keep(value, scope, self._allocate(value)), view)
                )
        direct = [
            (value, view)
            for value, view in pending
            if all(view is not v for _, _, v in detours)
        ]
        floor = max((scope.when(value) for value, _ in pending), default=-1)
        for value, view in direct:
            shape = value.tile.shape
            after = max(self._free_from(view, shape, scope), floor if detours else -1)
            self._place(
                scope, shape, Keep(value, view), [(value, identity(shape))], after=after
            )
        for value, detour, view in detours:
            shape = value.tile.shape
            alias = self._alias(value, detour)
            whole = identity(shape)
            self._place(
                scope,
                shape,
                Keep(alias, view),
                [(alias, whole)],
                after=len(scope.steps),
            )
        scope.steps.append(Leave(op))

    def _free_from(self, view: View, shape: tuple[int, ...], scope: _Scope) -> int:
        """The first step that may write over a view: a loop that reads just what it writes may."""
        first = 0
        whole = identity(shape)
        for here, step in enumerate(scope.steps):
            if isinstance(step, Compute):
                continue
            if not isinstance(step, _Draft):
                first = here
                continue
            reads = [
                (step.demand.sources[value], where)
                for value, where in step.demand.reads
                if step.demand.sources[value].buffer is view.buffer
            ]
            if reads:
                in_step = all(
                    source == view and where == whole for source, where in reads
                )
                first = here if in_step and step.space == shape else here + 1
        return first

    def _is_read_elsewhere(
        self,
        view: View,
        value: ir.Value,
        pending: list[tuple[ir.Value, View]],
        scope: _Scope,
    ) -> bool:
        """Whether writing `value` over `view` could spoil what is still to be read from it."""
        for other, _ in pending:
            demand = _Demand()
            shape = other.tile.shape
            whole = identity(shape)
            self._trace(other, whole, demand, scope)
            for read, coordinates in demand.reads:
                if self.views[read].buffer is not view.buffer:
                    continue
                in_step = (
                    shape == value.tile.shape
                    and coordinates == whole
                    and self.views[read] == view
                )
                if not in_step or (other is not value and shape != value.tile.shape):
                    return True
                if other is not value:
                    return True
        return False

    # --- what an element needs

    def _trace(
        self, value: ir.Value, coordinates: Coordinates, demand: _Demand, scope: _Scope
    ) -> None:
        key = (value, coordinates)
        if key in demand.seen:
            return
        demand.seen.add(key)
        if not isinstance(value.type, Tile):
            demand.leaves.update(array_leaves(value))
            return
        if not value.tile.shape:
            demand.leaves.add(value)
            return
        if value in self.views:
            demand.leaves.add(value)
            demand.reads.append(key)
            demand.sources[value] = self.views[value]
            return
        if isinstance(value, ir.Result):
            demand.locals[value] = None
            if coordinates != identity(value.tile.shape):
                scope_home = _home(scope, value)
                self._keep_local(value, scope_home)
                del demand.locals[value]
                demand.leaves.add(value)
                demand.reads.append(key)
                demand.sources[value] = self.views[value]
            return
        if isinstance(value, ir.Parameter):
            return  # carried by a region that runs inside the loop
        assert isinstance(value, ir.Op), value
        demand.ops.append(value)
        match value:
            case ir.Load() | ir.LoadPointer():
                demand.loads.append((value, coordinates))
                demand.leaves.update(array_leaves(value.operands[0]))
                for x in value.operands:
                    if isinstance(x.type, Tile):
                        self._trace(
                            x, aligned(x, coordinates, value.tile.shape), demand, scope
                        )
            case ir.Broadcast(x):
                self._trace(
                    x,
                    through_broadcast(x, coordinates, value.tile.shape),
                    demand,
                    scope,
                )
            case ir.Reshape(x):
                inner = through_unit_reshape(
                    x.tile.shape, value.tile.shape, coordinates
                )
                assert inner is not None
                self._trace(x, inner, demand, scope)
            case _:
                for x in value.operands:
                    self._trace(
                        x, aligned(x, coordinates, value.tile.shape), demand, scope
                    )

    def _trace_region(
        self, op: ir.Op, whole: Coordinates, demand: _Demand, scope: _Scope
    ) -> None:
        """What a region that runs inside a loop takes from outside it."""
        demand.regions = True
        inside = {result for inner in walk_op(op) for result in inner.results}
        inside.update(
            p
            for inner in walk_op(op)
            for block in inner.blocks
            for p in block.parameters
        )
        for inner in walk_op(op):
            demand.ops.append(inner)
            if isinstance(inner, (ir.Load, ir.LoadPointer)):
                demand.loads.append((inner, whole))
            for x in inner.operands:
                if x in inside:
                    continue
                if isinstance(x.type, Tile) and x.tile.shape:
                    self._trace(x, align_shape(x.tile.shape, whole), demand, scope)
                else:
                    demand.leaves.update(array_leaves(x))

    # --- decisions

    def _lane_space(self, op: ir.Op) -> tuple[int, ...]:
        """The shape that a region can run over lane by lane; () if it must run tile by tile."""
        lanes = isinstance(op, (ir.If, ir.While)) and op.lanes
        if isinstance(op, (ir.If, ir.Inlined)) and not lanes:
            return ()
        inside = list(walk_op(op))
        shapes = []
        for inner in inside:
            for value in (*inner.operands, *inner.results):
                if isinstance(value.type, Tile):
                    shapes.append(value.tile.shape)
        space = broadcast_shapes(*shapes) if shapes else ()
        if not space:
            return ()
        if lanes:
            return space
        for inner in inside:
            if inner.effect is ir.Effect.WRITE or not self._is_lanewise(inner):
                return ()
            if isinstance(inner, (ir.Return, ir.Inlined)):
                return ()  # a jump out of the region would leave the loop over its lanes
            if (
                isinstance(inner, ir.Load)
                and inner.tile.shape
                and prod(space) > 4 * self._register_lanes(space, op)
            ):
                return ()  # streams through memory tile by tile: better not strip by strip
        used = {
            value
            for result in op.results
            for value in [result]
            if self.users.get(result)
        }
        if any(not value.tile.shape or value.tile.shape != space for value in used):
            return ()
        return space

    def _is_lanewise(self, op: ir.Op) -> bool:
        if isinstance(op, (*_ELEMENTWISE, *_LEAVES, ir.If, ir.For, ir.While)):
            return True
        return all(
            not v.tile.shape
            for v in (*op.operands, *op.results)
            if isinstance(v.type, Tile)
        )

    def _register_lanes(self, space: tuple[int, ...], op: ir.Op) -> int:
        return self.machine.vector_bytes // 4

    def _is_unit_reshape(self, op: ir.Reshape) -> bool:
        return (
            through_unit_reshape(op.x.tile.shape, op.tile.shape, (0,) * op.tile.rank)
            is not None
        )

    def _conflicts(self, a: ir.Op, b: ir.Op) -> bool:
        """Whether two accesses may touch one element."""
        return may_alias(a, b, self.function)

    def _same_place(self, load: ir.Op, store: ir.Op) -> bool:
        """Whether element i of a load is element i of a store, and each element is there once."""
        match load, store:
            case ir.Load(a, p), ir.Store(b, q):
                if (
                    a is not b
                    or len(p) != len(q)
                    or any(x is not y for x, y in zip(p, q, strict=True))
                ):
                    return False
                return self._is_injective(store)
            case _:
                return False

    def _is_injective(self, store: ir.Op) -> bool:
        """Whether positions along each dimension step by one through different axes of the array."""
        shape = op_shape(store)
        assert isinstance(store, ir.Store)
        for dimension, extent in enumerate(shape):
            if extent == 1:
                continue
            whole = identity(shape)
            steps = [
                step_along(x, aligned(x, whole, shape), dimension, self.narrow)
                for x in store.position
            ]
            if None in steps or sum(1 for s in steps if s) != 1:
                return False
        return True

    def _pinned_loads(self, block: ir.Block) -> set[ir.Op]:
        """Loads that must happen before a later write of the same block that may touch their elements."""
        writers = [
            (n, inner)
            for n, op in enumerate(block.ops)
            for inner in walk_op(op)
            if inner.effect is ir.Effect.WRITE
            and isinstance(inner, (ir.Store, ir.StorePointer))
        ]
        if not writers:
            return set()
        position = {op: n for n, op in enumerate(block.ops)}
        owner = {inner: n for n, op in enumerate(block.ops) for inner in walk_op(op)}
        last: dict[ir.Op, int] = {}
        for op in reversed(block.ops):
            uses = [position[op]]
            for result in op.results:
                for user in self.users.get(result, []):
                    n = owner.get(user, len(block.ops))
                    inline = (
                        n < len(block.ops)
                        and block.ops[n] is user
                        and isinstance(user, _INLINE)
                    )
                    uses.append(last.get(user, n) if inline else n)
            last[op] = max(uses)
        pinned = set()
        for op in block.ops:
            if not isinstance(op, (ir.Load, ir.LoadPointer)) or not op.tile.shape:
                continue
            for n, store in writers:
                if n <= position[op] or last[op] < n or not self._conflicts(op, store):
                    continue
                if (
                    last[op] == n
                    and block.ops[n] is store
                    and self._same_place(op, store)
                ):
                    continue
                pinned.add(op)
        return pinned

    def _dear_values(self, block: ir.Block, scope: _Scope) -> set[ir.Value]:
        """The last value that several loops compute and that is dearer than reading it back."""
        count: dict[ir.Value, int] = {}
        sizes: dict[ir.Value, int] = {}
        for draft in scope.steps:
            if isinstance(draft, _Draft):
                for op in dict.fromkeys(draft.demand.ops):
                    count[op] = count.get(op, 0) + 1
                for value, coordinates in draft.demand.seen:
                    spread = [
                        n for d, n in enumerate(draft.space) if d not in coordinates
                    ]
                    if isinstance(value, ir.Op) and value.type and prod(spread) > 1:
                        sizes[value] = prod(spread)
        own = set(block.ops)
        costs: dict[ir.Value, int] = {}
        for op in reversed(block.ops):
            if not isinstance(op, _INLINE) or op in self.views or op not in own:
                continue
            if isinstance(op, (ir.Broadcast, ir.Reshape, ir.Const, ir.Iota)):
                continue
            repeated = count.get(op, 0) > 1 or (op in sizes and count.get(op, 0) > 0)
            if repeated and op.tile.shape and self._cost(op, costs) > KEEP_COST:
                return {op}
        return set()

    def _cost(self, value: ir.Value, known: dict[ir.Value, int]) -> int:
        if value in known:
            return known[value]
        known[value] = 0
        if (
            isinstance(value, ir.Op)
            and value not in self.views
            and isinstance(value, _INLINE)
        ):
            if value.tile.shape:
                own = _OP_COST.get(type(value), 1)
                if isinstance(value, (ir.Binary, ir.Unary)):
                    own = _KIND_COST.get(value.kind, 1)
                if isinstance(value, ir.Load):
                    inputs = [x for x in (value.mask, value.fill) if x is not None]
                else:
                    inputs = list(value.operands)
                known[value] = own + sum(self._cost(x, known) for x in inputs)
        return known[value]

    # --- memory

    def _allocate(self, value: ir.Value) -> View:
        tile = value.tile
        return View(
            self._reserve(value.name or "tile", tile.dtype, tile.size),
            0,
            dense_strides(tile.shape),
        )

    def _reserve(self, name: str, dtype: Dtype, size: int) -> Buffer:
        """Scratch memory for some elements; raises `CompileError` where a program needs too much."""
        buffer = Buffer(name, dtype, self.top, size)
        bytes_needed = size * (8 if dtype.is_pointer else dtype.itemsize)
        self.top += -(-bytes_needed // ALIGNMENT) * ALIGNMENT
        self.peak = max(self.peak, self.top)
        if self.peak > SCRATCH_LIMIT:
            raise CompileError(
                f"a tile of {size} elements of {dtype} needs {bytes_needed} bytes; the tiles of this "
                f"kernel need {self.peak} bytes together, available are {SCRATCH_LIMIT}",
                "use smaller tiles",
            )
        return buffer

    # --- finishing

    def _finish(self, step: _Draft | Step) -> Step:
        if not isinstance(step, _Draft):
            return step
        bits = 8
        vector_ops = 0
        for op in dict.fromkeys(step.demand.ops):
            for value in (*op.results, *op.operands):
                if (
                    isinstance(value.type, Tile)
                    and value.tile.shape
                    and _counts(value.tile.dtype)
                ):
                    bits = max(bits, value.tile.dtype.bits)
            if not isinstance(op, (ir.Broadcast, ir.Reshape, ir.Const, ir.Iota)):
                vector_ops += 1
        for sink in step.sinks:
            for value in (
                sink.op.operands if not isinstance(sink, Keep) else (sink.value,)
            ):
                if isinstance(value.type, Tile) and _counts(value.tile.dtype):
                    bits = max(bits, value.tile.dtype.bits)
        register = max(1, self.machine.vector_bytes * 8 // bits)
        # Independent chains hide latency; long bodies have them of their own, and few registers.
        many = self.machine.vector_registers > 16
        chains = 4 if vector_ops <= 12 else 2
        if step.demand.regions:
            # Rounds overlap of themselves, and what lives across them fills the registers.
            chains = 4 if many else 1
        extent = step.space[step.vector]
        while chains > 1 and register * chains > extent:
            chains //= 2
        lanes = min(register * chains, extent)
        edge_lanes = min(
            register, lanes
        )  # divides `lanes`: an edge begins where any vector may
        panels = [
            sink.view.panel
            for sink in step.sinks
            if isinstance(sink, Keep) and sink.view.panel
        ]
        if panels:
            # A vector must not reach into the next panel.
            lanes = min(panels) if min(panels) <= extent else edge_lanes
        whole = identity(step.space)
        guards = [
            (op, where) for op, where in step.demand.loads if isinstance(op, ir.Load)
        ]
        guards += [
            (sink.op, whole)
            for sink in step.sinks
            if isinstance(sink, Effect) and isinstance(sink.op, ir.Store)
        ]
        return Loop(  # fmt: skip
            step.space,
            step.order,
            step.vector,
            lanes,
            edge_lanes,
            tuple(step.sinks),
            tuple(dict.fromkeys(guards)),
            step.demand.sources,
        )

    def cost_of(self, steps: tuple[Step, ...]) -> float:
        """Nanoseconds that steps take, roughly: enough to tell work worth sharing from what is not."""
        total = 0.0
        for step in steps:
            match step:
                case Loop(space=space, sinks=sinks, lanes=lanes):
                    ops = len(sinks) * 4
                    for sink in sinks:
                        if isinstance(sink, Effect) and sink.op.blocks:
                            ops += 64 * len(list(walk_op(sink.op)))
                    total += prod(space) / max(lanes, 1) * ops * 0.5
                case Multiply(op=op):
                    total += 2.0 * op.tile.size * op.a.tile.shape[-1] / 50.0
                case Repeat(op=op, body=body):
                    trip = constant_trip(op)
                    total += (16 if trip is None else trip) * self.cost_of(body)
                case RepeatWhile(body=body):
                    total += 16 * self.cost_of(body)
                case Branch(then=then, orelse=orelse):
                    total += max(self.cost_of(then), self.cost_of(orelse))
                case Splice(body=body):
                    total += self.cost_of(body)
                case Sequential(op=op):
                    total += 2.0 * op.operands[0].tile.size
                case _:
                    total += 0.5
        return total

    def metadata(self, steps: tuple[Step, ...]) -> dict[str, object]:
        """What `.metadata` tells about the plan."""
        loops = list(all_loops(steps))
        return {
            "vector_width": max((loop.lanes for loop in loops), default=1),
            "vector_bytes": self.machine.vector_bytes,
            "fused_loops": len(loops),
            "scratch_bytes": self.peak + ALIGNMENT,
            "shared_memory": 0,
            "prints": {
                op.place: [
                    op.labels,
                    [[str(v.tile.dtype), v.tile.shape] for v in op.values],
                ]
                for op in ir.walk(self.function.body)
                if isinstance(op, ir.Print)
            },
            "asserts": {
                op.place: op.message
                for op in ir.walk(self.function.body)
                if isinstance(op, ir.Assert)
            },
        }


_INLINE: Final = (*_ELEMENTWISE, ir.Reshape)

# Operations that an elementwise op costs; what is not named costs one.
_OP_COST: Final = {
    ir.Load: 2, ir.LoadPointer: 2, ir.Broadcast: 0, ir.Reshape: 0, ir.Const: 0, ir.Iota: 0, ir.Bitcast: 0,
}  # fmt: skip
_KIND_COST: Final = {
    "div": 5,
    "sqrt": 6,
    "floordiv": 24,
    "mod": 24,
    "popcount": 8,
    "clz": 8,
}


def op_shape(op: ir.Op) -> tuple[int, ...]:
    """The shape of the elements that a store touches."""
    match op:
        case ir.Store(_, _, value) | ir.StorePointer(_, value):
            return value.tile.shape
        case _:
            raise AssertionError(op)


def array_leaves(value: ir.Value) -> tuple[ir.Value, ...]:
    """The scalars and arrays that an array or scalar operand waits for."""
    return (value,)


def natural_order(space: tuple[int, ...]) -> tuple[int, ...]:
    """The loops in the order of the axes: row-major."""
    return tuple(range(len(space)))


def fold_order(space: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    """Loops outside in for a reduction: what is kept outside, what is combined inside."""
    kept = tuple(axis for axis in range(len(space)) if axis not in axes)
    return kept + tuple(sorted(axes))


def space_vector_axis(space: tuple[int, ...]) -> int:
    """The axis that vectors lie along: the last one of several elements, as neighbours in memory do."""
    return max(
        (axis for axis, extent in enumerate(space) if extent > 1),
        default=len(space) - 1,
    )


def walk_op(op: ir.Op) -> list[ir.Op]:
    """An op and all ops of its regions."""
    return [op, *(inner for block in op.blocks for inner in ir.walk(block))]


def free_tiles(op: ir.Op) -> list[ir.Value]:
    """The tiles that an op with regions takes from outside."""
    found: dict[ir.Value, None] = dict.fromkeys(op.operands)
    for block in op.blocks:
        found.update(ir.free_values(block))
    return [
        value for value in found if isinstance(value.type, Tile) and value.tile.shape
    ]


def constant_trip(op: ir.For) -> int | None:
    """How often a loop runs, if that is a constant."""
    bounds = [constant_of(value) for value in (op.start, op.stop, op.step)]
    if None in bounds or bounds[2] == 0:
        return None
    start, stop, step = (bound or 0 for bound in bounds)
    return len(range(start, stop, step))


def _transformed(op: ir.Op, view: View) -> View:
    """The view of a kept tile that a shape op is."""
    match op:
        case ir.Permute(_, axes):
            return View(
                view.buffer, view.offset, tuple(view.strides[axis] for axis in axes)
            )
        case ir.Flip(x, axis):
            offset = view.offset + (x.tile.shape[axis] - 1) * view.strides[axis]
            strides = tuple(-s if k == axis else s for k, s in enumerate(view.strides))
            return View(view.buffer, offset, strides)
        case ir.Slice(_, starts, _):
            offset = view.offset + sum(
                a * s for a, s in zip(starts, view.strides, strict=True)
            )
            return View(view.buffer, offset, view.strides)
        case _:
            raise AssertionError(op)


def _counts(dtype: Dtype) -> bool:
    """Whether a dtype narrows the vectors of a loop: indices are mostly not computed as vectors."""
    return dtype is not index and not dtype.is_pointer


def _merge(whole: _Demand, part: _Demand) -> None:
    whole.seen |= part.seen
    whole.ops += part.ops
    whole.leaves |= part.leaves
    whole.reads += part.reads
    whole.sources |= part.sources
    whole.loads += part.loads
    whole.locals |= part.locals
    whole.regions = whole.regions or part.regions


def _home(scope: _Scope, result: ir.Value) -> _Scope:
    """The block whose loops ran a region."""
    while result not in scope.local:
        assert scope.parent is not None
        scope = scope.parent
    return scope
