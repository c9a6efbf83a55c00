"""Decides which ops share a loop nest and what is kept in memory: the plans of all backends.

A plan is a program: steps in final order. Scalars are computed once per program. Tile ops are not
computed on their own: a loop runs over an index space and each of its sinks (a store, a reduction,
a value to keep) pulls in the elementwise ops it needs. A value is kept in scratch memory only if
several loops need it and computing it again costs more than reading it.

What differs from machine to machine are `Tools`: how loops are finished once they take in no more
sinks, and the steps for what is not elementwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from tilewright.dsl import ir
from tilewright.dsl.errors import at
from tilewright.dsl.types import Tile, u8

from .carrying import Carrying
from .coordinates import access_shape, align_shape, aligned, dense_strides, identity
from .demand import Tracer
from .hazards import Hazards
from .keeping import dear_value
from .lane_regions import lane_space
from .placing import Placing, natural_order
from .state import Enclosing, Planning, Scope
from .steps import (
    ArgFold,
    Branch,
    Compute,
    Effect,
    Fold,
    Pick,
    Repeat,
    RepeatWhile,
    Show,
    Splice,
    Step,
    View,
    padded,
)
from .walks import free_tiles, is_unit_reshape, walk_op

Views = tuple[View | None, ...]


class Tools(Protocol):
    """What a backend brings to planning."""

    def finish(self, scope: Scope) -> tuple[Step, ...]:
        """The steps of a block that takes in no more."""

    def fold_order(self, space: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
        """What tells apart loops that cannot share a reduction: the order of their axes."""

    def dot(self, op: ir.Dot, scope: Scope) -> None:
        """Plan a matrix product."""

    def keep_factors(self, op: ir.For | ir.While, scope: Scope) -> None:
        """Place what products in a loop take from outside: once for all rounds."""

    def is_turned_later(self, op: ir.Permute) -> bool:
        """Whether those who use a transposed tile bring it where they want it."""

    def sort(self, op: ir.Sort, scope: Scope) -> None:
        """Plan a sort."""

    def gather(self, op: ir.Gather, scope: Scope) -> None:
        """Plan taking elements at positions."""

    def histogram(self, op: ir.Histogram, scope: Scope) -> None:
        """Plan counting."""

    def scan(self, op: ir.Scan, scope: Scope) -> None:
        """Plan a running sum, product or extreme."""

    def sequential(self, op: ir.ReduceWith | ir.ScanWith, scope: Scope) -> None:
        """Plan a reduction or scan by a function of the user's."""


class Planner:
    """Plans block by block."""

    def __init__(self, planning: Planning, make_tools: Callable[[Planner], Tools]) -> None:
        self.planning = planning
        self.scratch = planning.scratch
        self.hazards = Hazards(planning)
        self.placing = Placing(planning, self.hazards)
        self.carrying = Carrying(planning, self.placing)
        self.to_keep: set[ir.Op] = set()
        self.tools = make_tools(self)

    # --- blocks

    def block(self, block: ir.Block, outer: Scope, results: Views = ()) -> tuple[Step, ...]:
        """Plan a block; a `Yield` at its end fills `results`.

        Planned once more for each value that turns out to be dear and computed repeatedly. What the
        block keeps it does not have if it was passed by: outside, its views mean nothing.
        """
        planning, top, views = self.planning, self.scratch.top, self.planning.views
        while True:
            planning.views = dict(views)
            scope = Scope(outer)
            self._ops(block, scope, results)
            dear = dear_value(planning, block, scope)
            if dear is None:
                break
            self.to_keep.add(dear)
            self.scratch.top = top
        planning.views = views
        self.scratch.top = top
        return self.tools.finish(scope)

    def _ops(self, block: ir.Block, scope: Scope, results: Views) -> None:
        first = self.hazards.pinned_loads(block) | self.to_keep
        for op in block.ops:
            with at(op.loc):
                if op in first and op not in self.planning.views:
                    self.placing.keep(op, scope)
                elif op.effect is ir.Effect.LEAVE:
                    self._leave(op, scope, results)
                else:
                    self._op(op, scope)

    def _leave(self, op: ir.Op, scope: Scope, results: Views) -> None:
        planning = self.planning
        match op:
            case ir.Break() | ir.Continue():
                targets = planning.loops[-1].views
            case ir.Return():
                targets = planning.returns[-1] if planning.returns else ()
            case _:
                targets = results
        self.carrying.leave(op, op.operands, targets, scope)

    def _op(self, op: ir.Op, scope: Scope) -> None:
        match op:
            case ir.Reduce(_, x, axes):
                views = self.planning.results_in_memory(op)
                self._fold(op, Fold(op, views[0]), views, x, axes, scope)
            case ir.ArgReduce(_, x, axis):
                views = self.planning.results_in_memory(op)
                self._fold(op, ArgFold(op, views), views, x, (axis,), scope)
            case ir.Scan():
                self.tools.scan(op, scope)
            case ir.ReduceWith() | ir.ScanWith():
                self.tools.sequential(op, scope)
            case ir.Dot():
                self.tools.dot(op, scope)
            case ir.Sort():
                self.tools.sort(op, scope)
            case ir.Gather():
                self.tools.gather(op, scope)
            case ir.Histogram():
                self.tools.histogram(op, scope)
            case ir.Store() | ir.StorePointer() if access_shape(op):
                self._store(op, scope)
            case ir.Atomic() | ir.AtomicPointer() if access_shape(op):
                scope.local[op] = self._store(op, scope)
            case ir.Check(condition) if condition.tile.shape:
                self._check(op, scope)
            case ir.Breakpoint():
                pass  # for the interpreter
            case ir.Print():
                self._print(op, scope)
            case ir.If() | ir.For() | ir.While() | ir.Inlined():
                self._region(op, scope)
            case ir.Permute() if self.tools.is_turned_later(op):
                pass
            case ir.Permute(x) | ir.Flip(x) | ir.Slice(x):
                view = _transformed(op, self.placing.find(x, scope))
                self.planning.publish(op, (view,), scope.when(x), scope)
            case ir.Reshape(x, ()):
                scope.ready[op] = scope.append(Pick(op, self.placing.find(x, scope)))
            case ir.Reshape() if not is_unit_reshape(op):
                self._reshape(op, scope)
            case ir.Concat():
                self._concat(op, scope)
            case ir.Op(type=Tile(shape=shape)) if shape and op.results:
                pass  # elementwise: computed in the loops that need it
            case _:
                self._compute(op, scope)

    # --- scalars, and what talks to the host

    def _compute(self, op: ir.Op, scope: Scope) -> None:
        here = scope.append(Compute(op))
        for result in op.results:
            scope.ready[result] = here
        match op:
            case ir.Load() | ir.LoadPointer():
                scope.loads.append((op, here))
            case ir.Store() | ir.StorePointer() | ir.Atomic() | ir.AtomicPointer():
                scope.stores.append((op, here))
            case ir.Op(effect=ir.Effect.WRITE):
                scope.barrier = here

    def _check(self, op: ir.Check, scope: Scope) -> None:
        """A check stands before what follows it: a failed one must not come after a write."""
        whole = identity(op.condition.tile.shape)
        wanted = [(x, align_shape(x.tile.shape, whole)) for x in op.operands]
        shape = op.condition.tile.shape
        self.placing.place(scope, shape, Effect(op), wanted, natural_order(shape))
        scope.barrier = len(scope.steps) - 1

    def _print(self, op: ir.Print, scope: Scope) -> None:
        sources = tuple(self.placing.find(x, scope) if x.tile.shape else None for x in op.values)
        area = self.scratch.reserve("print", u8, sum(padded(x.tile) for x in op.values))
        scope.append_barrier(Show(op, sources, area))

    # --- what loops are for

    def _fold(
        self,
        op: ir.Op,
        sink: Fold | ArgFold,
        views: Views,
        x: ir.Value,
        axes: tuple[int, ...],
        scope: Scope,
    ) -> None:
        space = x.tile.shape
        wanted = [(x, identity(space))]
        here = self.placing.place(scope, space, sink, wanted, self.tools.fold_order(space, axes))
        self.planning.publish(op, views, here, scope)

    def _store(
        self, op: ir.Store | ir.StorePointer | ir.Atomic | ir.AtomicPointer, scope: Scope
    ) -> int:
        """Put a write to memory, an atomic too, behind what it may not go before; its step."""
        shape = access_shape(op)
        whole = identity(shape)
        wanted = [
            (x, aligned(x, whole, shape) if isinstance(x.type, Tile) else ()) for x in op.operands
        ]
        after = -1
        for load, here in scope.loads:
            if self.hazards.conflict(load, op):
                in_step = self.hazards.is_in_step(load, op)
                after = max(after, here if in_step else here + 1)
        for store, here in scope.stores:
            if self.hazards.conflict(store, op):
                after = max(after, here + 1)
        here = self.placing.place(scope, shape, Effect(op), wanted, natural_order(shape), after)
        scope.stores.append((op, here))
        return here

    def _reshape(self, op: ir.Reshape, scope: Scope) -> None:
        view = self.placing.find(op.x, scope)
        ready = scope.when(op.x)
        if not view.is_dense(op.x.tile.shape):
            view, ready = self.placing.copy(op.x, scope)
        view = View(view.buffer, view.offset, dense_strides(op.tile.shape))
        self.planning.publish(op, (view,), ready, scope)

    def _concat(self, op: ir.Concat, scope: Scope) -> None:
        whole = self.scratch.allocate(op)
        stride = whole.strides[op.axis]
        position, here = 0, -1
        for part in op.parts:
            view = View(whole.buffer, whole.offset + position * stride, whole.strides)
            here = max(here, self.placing.write(part, view, scope))
            position += part.tile.shape[op.axis]
        self.planning.publish(op, (whole,), here, scope)

    # --- control flow

    def _region(self, op: ir.If | ir.For | ir.While | ir.Inlined, scope: Scope) -> None:
        space = lane_space(self.planning, op)
        if space:
            self._lane_region(op, space, scope)
            return
        for value in free_tiles(op):
            self._keep_locals_of(value, scope)
        if isinstance(op, ir.For | ir.While):
            self.tools.keep_factors(op, scope)
        step, views = self._control(op, scope)
        here = scope.append_barrier(step)
        self.planning.publish(op, views, here, scope)

    def _keep_locals_of(self, value: ir.Value, scope: Scope) -> None:
        """Keep the results of regions that a value is computed from: another block has them not."""
        tracer = Tracer(self.planning, scope)
        tracer.value(value, identity(value.tile.shape))
        for result in tracer.demand.locals:
            if result in scope.local:
                self.planning.keep_local(result, scope)

    def _lane_region(self, op: ir.Op, space: tuple[int, ...], scope: Scope) -> None:
        """Run a region inside a loop over its lanes: each vector runs it for itself."""
        writes = [inner for inner in walk_op(op) if inner.effect is ir.Effect.WRITE]
        after = -1
        for inner in writes:
            for other, here in (*scope.loads, *scope.stores):
                if self.hazards.conflict(other, inner):
                    after = max(after, here + 1)
        order = natural_order(space)
        here = self.placing.place(scope, space, Effect(op), (), order, after, region=op)
        scope.stores.extend((inner, here) for inner in writes)
        for result in op.results:
            scope.local[result] = here
            if result.tile.shape != space and self.planning.users.get(result):
                self.planning.keep_local(result, scope)

    def _control(
        self, op: ir.If | ir.For | ir.While | ir.Inlined, scope: Scope
    ) -> tuple[Step, Views]:
        """Control flow of its own, and where its results lie."""
        planning = self.planning
        match op:
            case ir.If(_, then, orelse):
                views = planning.results_in_memory(op)
                branches = (self.block(block, scope, views) for block in (then, orelse))
                return Branch(op, *branches), views
            case ir.Inlined(_, body):
                views = planning.results_in_memory(op)
                planning.returns.append(views)
                step = Splice(op, self.block(body, scope, views))
                planning.returns.pop()
                return step, views
            case ir.For(inits=inits, body=body):
                _, *carried = body.parameters
                views = self.carrying.enter(inits, carried, scope)
                return Repeat(op, self._round(body, tuple(carried), views, scope)), views
            case ir.While(inits, condition, body):
                views = self.carrying.enter(inits, body.parameters, scope)
                for parameter, view in zip(condition.parameters, views, strict=True):
                    if view is not None:
                        planning.views[parameter] = view
                test = self.block(condition, scope, (None,))
                steps = self._round(body, body.parameters, views, scope)
                return RepeatWhile(op, test, steps), views

    def _round(
        self, body: ir.Block, carried: Sequence[ir.Parameter], views: Views, scope: Scope
    ) -> tuple[Step, ...]:
        """The body of a loop."""
        self.planning.loops.append(Enclosing(body, tuple(carried), views))
        steps = self.block(body, scope, views)
        self.planning.loops.pop()
        return steps


def _transformed(op: ir.Permute | ir.Flip | ir.Slice, view: View) -> View:
    """The view of a kept tile that a shape op is."""
    strides = view.strides
    match op:
        case ir.Permute(_, axes):
            return View(view.buffer, view.offset, tuple(strides[axis] for axis in axes))
        case ir.Flip(x, axis):
            offset = view.offset + (x.tile.shape[axis] - 1) * strides[axis]
            turned = tuple(-s if k == axis else s for k, s in enumerate(strides))
            return View(view.buffer, offset, turned)
        case ir.Slice(_, starts):
            offset = view.offset + sum(a * s for a, s in zip(starts, strides, strict=True))
            return View(view.buffer, offset, strides)
