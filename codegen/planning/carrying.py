"""Tiles that loops carry and blocks give: where they lie, and in which order they are replaced."""

from __future__ import annotations

from collections.abc import Sequence

from tilewright.dsl import ir

from .coordinates import identity
from .demand import Tracer
from .placing import Placing
from .state import Draft, Planning, Scope
from .steps import (
    Compute,
    Leave,
    View,
)

# A value, and the place where it is wanted.
Move = tuple[ir.Value, View]


class Carrying:
    """Brings tiles to where the construct that is entered or left wants them."""

    def __init__(self, planning: Planning, placing: Placing) -> None:
        self.planning = planning
        self.placing = placing

    def enter(
        self, inits: Sequence[ir.Value], parameters: Sequence[ir.Parameter], scope: Scope
    ) -> tuple[View | None, ...]:
        """Give carried tiles memory, filled with what they begin as."""
        views: list[View | None] = []
        for value, parameter in zip(inits, parameters, strict=True):
            view = None
            if value.tile.shape:
                if value in scope.local:
                    self.planning.keep_local(value, scope)
                view = self.planning.scratch.allocate(value)
                self.placing.write(value, view, scope)
                self.planning.views[parameter] = view
            views.append(view)
        return tuple(views)

    def leave(
        self, op: ir.Op, values: Sequence[ir.Value], targets: Sequence[View | None], scope: Scope
    ) -> None:
        """Bring tile values to their targets, then leave the block.

        A value may be written over a carried tile only if no other value still reads that tile from
        elsewhere; otherwise it takes a detour through a buffer of its own.
        """
        views = self.planning.views
        moves = [
            (value, view)
            for value, view in zip(values, targets, strict=True)
            if view is not None and views.get(value) != view
        ]
        direct: list[Move] = []
        detours: list[tuple[ir.Value, View, View]] = []
        for value, view in moves:
            if value in scope.local:
                self.planning.keep_local(value, scope)
            if self._spoils(value, view, moves, scope):
                detour = self.planning.scratch.allocate(value)
                self.placing.write(value, detour, scope)
                detours.append((value, detour, view))
            else:
                direct.append((value, view))
        floor = max((scope.when(value) for value, _ in moves), default=-1) if detours else -1
        for value, view in direct:
            after = max(self._free_from(view, value.tile.shape, scope), floor)
            self.placing.write(value, view, scope, after)
        for value, detour, view in detours:
            alias = self.placing.alias(value, detour)
            self.placing.write(alias, view, scope, after=len(scope.steps))
        scope.append(Leave(op))

    def _free_from(self, view: View, shape: tuple[int, ...], scope: Scope) -> int:
        """The first step that may write over a view: a loop that reads just what it writes may."""
        first = 0
        whole = identity(shape)
        for here, step in enumerate(scope.steps):
            match step:
                case Compute():
                    pass
                case Draft(space=space, demand=demand):
                    reads = [
                        (demand.sources[value], where)
                        for value, where in demand.reads
                        if demand.sources[value].buffer is view.buffer
                    ]
                    if reads:
                        in_step = all(found == (view, whole) for found in reads)
                        first = here if in_step and space == shape else here + 1
                case _:
                    first = here
        return first

    def _spoils(self, value: ir.Value, view: View, moves: Sequence[Move], scope: Scope) -> bool:
        """Whether writing a value over a view could spoil what is still to be read from it."""
        for other, _ in moves:
            whole = identity(other.tile.shape)
            tracer = Tracer(self.planning, scope)
            tracer.value(other, whole)
            for read, where in tracer.demand.reads:
                source = self.planning.views[read]
                if source.buffer is not view.buffer:
                    continue
                if other is not value or where != whole or source != view:
                    return True
        return False
