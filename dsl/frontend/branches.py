"""`if`: when compiling, for the whole program, or for each lane; and what it leaves behind."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .. import ir
from ..types import bool_, scalar
from .exits import MISSING, Exits
from .lanes import Lanes
from .liveness import liveness_of
from .merge import (
    Form,
    Place,
    Shape,
    Thing,
    Unbound,
    Weak,
    flatten,
    flatten_things,
    forms_beside,
    grown,
    is_settled,
    join,
    settled,
)
from .scope import Lowering


class Side(NamedTuple):
    """A branch that was lowered: its block, what names hold at its end, whether it gets there."""

    block: ir.Block
    names: dict[str, Thing]
    places: dict[str, ast.AST]
    is_open: bool


class Branches:
    """Executes `if`."""

    def __init__(
        self, lowering: Lowering, truth: Callable[[Thing, str], Thing], exits: Exits, lanes: Lanes
    ) -> None:
        self.lowering = lowering
        self.builder = lowering.builder
        self.truth = truth
        self.exits = exits
        self.lanes = lanes

    def execute(self, node: ast.If) -> None:
        """Run one branch, or build an op of both."""
        builder, frame = self.builder, self.lowering.frame
        with self.lowering.under(node.test):
            condition = self.truth(self.lowering.evaluate(node.test), "the condition")
            if isinstance(condition, bool):
                body = node.body if condition else node.orelse
            elif isinstance(condition, Weak):
                condition = builder.add(ir.Const(True, scalar(bool_)))
        if isinstance(condition, bool):
            self.lowering.execute(body)
            return
        assert isinstance(condition, ir.Value)
        lanes, depth, cause = builder.lanes, builder.depth, builder.cause
        if condition.shape:
            self.lanes.enter(node.test, condition.shape)
        inside = (builder.lanes, builder.cause)
        names, places = frame.names, frame.places
        then = self._side(node.body, names, places)
        builder.lanes, builder.cause = inside
        orelse = self._side(node.orelse, names, places)
        frame.names, frame.places = names, places
        builder.lanes, builder.depth, builder.cause = lanes, depth, cause
        self._close(node, condition, then, orelse)
        self.lanes.leave(lanes, cause)

    def _side(
        self, body: Sequence[ast.stmt], names: dict[str, Thing], places: dict[str, ast.AST]
    ) -> Side:
        frame = self.lowering.frame
        frame.names, frame.places = dict(names), dict(places)
        with self.builder.inside() as block:
            self.lowering.execute(body)
            is_open = not self.builder.is_closed
        return Side(block, frame.names, frame.places, is_open)

    def _close(self, node: ast.If, condition: ir.Value, then: Side, orelse: Side) -> None:
        """Build the op, and bind what the branches leave behind."""
        builder = self.builder
        sides = [side for side in (then, orelse) if side.is_open]
        if not sides:  # what the second branch does, the rest of the block can do
            with builder.inside() as rest:
                builder.add(ir.Yield(()))
            builder.add(ir.If(condition, then.block, rest, bool(condition.shape)))
            self.exits.splice(orelse.block)
            return
        forms: list[Form] = []
        computed: list[str] = []
        for name in self._changed(node, sides):
            form = self._merge(node, name, sides, condition.shape)
            if form is not None:
                forms.append(form)
                computed.append(name)
        outer, lanes = builder.block, builder.lanes
        builder.lanes = None
        for side in sides:
            builder.block = side.block
            values = flatten_things(builder, forms, [side.names[name] for name in computed])
            builder.add(ir.Yield(tuple(values)))
        builder.block, builder.lanes = outer, lanes
        op = builder.add(ir.If(condition, then.block, orelse.block, bool(condition.shape)))
        self.exits.bind_results(iter(op.results), computed, forms)

    def _changed(self, node: ast.If, sides: Sequence[Side]) -> list[str]:
        """The names that are read later and that a branch assigned."""
        frame = self.lowering.frame
        facts = liveness_of(frame.definition)
        changed = []
        for name in facts.assigned[node]:
            before = frame.names.get(name, MISSING)
            if name in facts.after[node] and any(
                side.names.get(name, MISSING) is not before for side in sides
            ):
                changed.append(name)
        return changed

    def _merge(self, node: ast.If, name: str, sides: Sequence[Side], shape: Shape) -> Form | None:
        """The form of a name after the `if`; None where it needs no value and is bound at once."""
        frame = self.lowering.frame
        things = [side.names.get(name, MISSING) for side in sides]
        before = frame.places.get(name)
        assigned = [s.places[name] for s in sides if s.places.get(name) is not before]
        if assigned:
            frame.places[name] = assigned[0]
        if any(isinstance(thing, Unbound) for thing in things):
            where = frame.place(node.test)
            frame.names[name] = Unbound(
                f"`{name}` may be unassigned here: it is assigned on one side of the `if` at "
                f"{where}",
                f"assign `{name}` before that `if`",
            )
            return None
        reaching = [
            (form, self._place(name, side))
            for form, side in zip(forms_beside(things), sides, strict=True)
        ]
        form = join(name, reaching, in_lanes=bool(shape))
        if isinstance(form, Weak) and any(isinstance(thing, Weak) for thing in things):
            frame.names[name] = form
            return None
        if not is_settled(form):
            form = settled(form)
        if not flatten([form]):
            frame.names[name] = things[0]
            return None
        return grown(name, form, shape or None, reaching[0][1])

    def _place(self, name: str, side: Side) -> Place:
        frame = self.lowering.frame
        return lambda: frame.place_of(name, side.places)
