"""Which loop takes a sink: the earliest that may; what is kept in memory is a sink, too."""

from __future__ import annotations

from collections.abc import Sequence

from tilewright.dsl import ir

from ..analysis.contiguity import Coordinates
from .coordinates import identity
from .demand import Tracer
from .hazards import Hazards
from .state import Demand, Draft, Planning, Scope
from .steps import (
    Effect,
    Keep,
    Sink,
    View,
)

# A value, and where its elements are wanted.
Wanted = tuple[ir.Value, Coordinates]


class Placing:
    """Puts sinks into the loops of a block."""

    def __init__(self, planning: Planning, hazards: Hazards) -> None:
        self.planning = planning
        self.hazards = hazards

    def place(
        self,
        scope: Scope,
        space: tuple[int, ...],
        sink: Sink,
        wanted: Sequence[Wanted],
        order: tuple[int, ...] | None = None,
        after: int = -1,
        region: ir.Op | None = None,
    ) -> int:
        """Put a sink into the earliest loop that may take it, or into a new one; the step's number.

        `order` is that of the axes, None if any will do; no step before `after` will do. A sink
        needs what is `wanted`, or what a `region` takes from outside.
        """
        tracer = Tracer(self.planning, scope)
        for value, where in wanted:
            tracer.value(value, where)
        if region is not None:
            tracer.region(region, identity(space))
        demand = tracer.demand
        here = self._find(scope, space, sink, demand, order, after)
        if here is None:
            here = scope.append(Draft(space, order or natural_order(space)))
        stray = [value for value in demand.locals if scope.local.get(value, here) != here]
        if stray:
            for value in stray:
                self.planning.keep_local(value, scope)
            return self.place(scope, space, sink, wanted, order, after, region)
        draft = scope.steps[here]
        assert isinstance(draft, Draft)
        draft.sinks.append(sink)
        draft.demand.add(demand)
        scope.loads.extend((load, here) for load, _ in demand.loads)
        return here

    def _find(
        self,
        scope: Scope,
        space: tuple[int, ...],
        sink: Sink,
        demand: Demand,
        order: tuple[int, ...] | None,
        after: int,
    ) -> int | None:
        """The first loop of a block that may take a sink."""
        homes = {scope.local[value] for value in demand.locals if value in scope.local}
        first = max(after, scope.barrier + 1, self._ready(space, demand, scope))
        strict = order is not None or isinstance(sink, Effect)
        for here in range(first, len(scope.steps)):
            match scope.steps[here]:
                case Draft() as draft if draft.space == space and homes <= {here}:
                    if not strict or draft.order == (order or natural_order(space)):
                        return here
        return None

    def _ready(self, space: tuple[int, ...], demand: Demand, scope: Scope) -> int:
        """The first step at which everything that is demanded is there."""
        first = 0
        for leaf in demand.leaves:
            first = max(first, self._usable_from(leaf, space, demand, scope))
        order = self.planning.order
        for load, _ in demand.loads:
            for store, here in scope.stores:
                if order[store] < order[load] and self.hazards.conflict(load, store):
                    first = max(first, here + 1)
        return first

    def _usable_from(
        self, leaf: ir.Value, space: tuple[int, ...], demand: Demand, scope: Scope
    ) -> int:
        """The first step that may use a value; the loop that keeps a tile has it in registers."""
        here = scope.when(leaf)
        if leaf in scope.kept and leaf.tile.shape == space:
            whole = identity(space)
            if all(where == whole for value, where in demand.reads if value is leaf):
                return here
        return here + 1

    # --- what is kept

    def keep(self, value: ir.Value, scope: Scope) -> View:
        """Compute a tile now and keep it in memory."""
        view = self.planning.scratch.allocate(value)
        here = self.write(value, view, scope)
        self.planning.views[value] = view
        scope.ready[value] = here
        scope.kept.add(value)
        return view

    def write(self, value: ir.Value, view: View, scope: Scope, after: int = -1) -> int:
        """Compute a tile and write it to a place; the step that does."""
        whole = identity(value.tile.shape)
        return self.place(scope, value.tile.shape, Keep(value, view), [(value, whole)], after=after)

    def find(self, value: ir.Value, scope: Scope) -> View:
        """Where a value lies in memory, kept now if it is not yet."""
        if value in self.planning.views:
            return self.planning.views[value]
        if value in scope.local:
            return self.planning.keep_local(value, scope)
        return self.keep(value, scope)

    def copy(self, value: ir.Value, scope: Scope, view: View | None = None) -> tuple[View, int]:
        """A copy of a kept value, dense or as `view` says, and the step that makes it."""
        target = view or self.planning.scratch.allocate(value)
        alias = self.alias(value, self.planning.views[value])
        return target, self.write(alias, target, scope, scope.when(value) + 1)

    def alias(self, value: ir.Value, view: View) -> ir.Value:
        """A kept tile under a name of its own."""
        alias = ir.Parameter(value.type, value.name)
        self.planning.views[alias] = view
        return alias


def natural_order(space: tuple[int, ...]) -> tuple[int, ...]:
    """The loops in the order of the axes: row-major."""
    return tuple(range(len(space)))


def fold_order(space: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
    """Loops outside in for a reduction: what is kept outside, what is combined inside."""
    kept = tuple(axis for axis in range(len(space)) if axis not in axes)
    return kept + tuple(sorted(axes))
