"""Loops that run: for the whole program, or for each lane.

The types of the variables that a loop carries are found by lowering its body, first with what they
hold at the loop head, then again whenever a type at its end turns out to be more: weak becomes
strong, a scalar a tile. What was found is remembered, so that a loop inside a loop is not sought
anew each time the outer one is lowered again.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, Protocol, cast

from .. import ir
from ..builtins import LoopRange
from ..builtins.arithmetic import as_operand, as_value, common_dtype, literal
from ..errors import CompileError
from ..types import bool_, scalar
from .exits import MISSING, Exits
from .lanes import Lanes
from .liveness import liveness_of
from .merge import (
    Fixed,
    Form,
    Place,
    Shape,
    Thing,
    Unbound,
    environment_of,
    flatten,
    form_against,
    grown,
    head_form,
    is_settled,
    join,
    refreshed,
    reweakened,
    same_dtypes,
    settled,
    weak_type,
)
from .scope import Exit, Frame, LaneBuilder, Loop, Lowering, joint_lanes


class Loops:
    """Builds loops: `run` is the same for all kinds of them."""

    def __init__(
        self,
        lowering: Lowering,
        truth: Callable[[Thing, str], Thing],
        exits: Exits,
        lanes: Lanes,
    ) -> None:
        self.lowering = lowering
        self.builder = lowering.builder
        self.truth = truth
        self.exits = exits
        self.lanes = lanes

    def over_range(self, node: ast.For, span: LoopRange) -> None:
        """Run a loop over a range of scalars."""
        self.run(node, _Range(self, node, span))

    def while_(self, node: ast.While) -> None:
        """Run a loop as long as a scalar holds, or each lane as long as its own element does."""
        if node.orelse:
            raise no_else()
        self.run(node, _Condition(self, node))

    def lower_body(self, node: ast.For | ast.While) -> tuple[list[Exit], Loop]:
        """Lower the body of a loop into the open block: where it is left, and by which lanes."""
        frame, builder = self.lowering.frame, self.builder
        loop = Loop(builder.depth)
        frame.loops.append(loop)
        self.lowering.execute(node.body)
        if not builder.is_closed:
            loop.exits.append(self.exits.here("end", node))
        frame.loops.pop()
        return loop.exits, loop

    def run(self, node: ast.For | ast.While, loop: Kind) -> None:
        """Seek the types of the carried variables, then build the op."""
        lowering, builder = self.lowering, self.builder
        frame, depth, returns = lowering.frame, builder.depth, len(lowering.frame.returns)
        facts = liveness_of(frame.definition)
        names, places = frame.names, frame.places
        entry = _Entry(dict(names), dict(places), builder.lanes, builder.cause)
        needed = facts.reads[node] | facts.after[node]
        assigned = [name for name in facts.assigned[node] if name in needed]
        carried = [name for name in assigned if not _is_unbound(names, name)] + [*loop.flags]
        late = [name for name in assigned if name not in carried and name in facts.after[node]]
        key = (frame.definition, frame.path, node)
        environment = _environment(names, sorted(facts.reads[node].union(carried)), frame, builder)
        steps = facts.steps[node] | dict.fromkeys(loop.flags, bool)
        state, defaulted = self._first_state(
            entry, carried, steps, lowering.loop_states.get(key), environment
        )
        while True:
            del frame.returns[returns:]
            frame.names, frame.places = dict(names), dict(places)
            builder.lanes, builder.cause = state.lanes, state.cause
            is_guess = not all(map(is_settled, state.forms))
            lowering.guessing += is_guess
            trial = loop.round(state)
            lowering.guessing -= is_guess
            builder.depth = depth
            if trial is None:  # the condition is false for sure
                frame.names, frame.places = names, places
                builder.lanes, builder.cause = entry.lanes, entry.cause
                return
            found = self._grow(entry, state, trial, late if loop.surely_runs else ())
            if found == state and not is_guess:
                break
            if found.carried == state.carried and same_dtypes(found.forms, state.forms):
                found, unsettled = _settle(found, trial, _place(frame, "", entry))
                defaulted = {**defaulted, **unsettled}
            state = found
        lowering.loop_states[key] = (environment, state, defaulted)
        frame.names, frame.places = names, places
        builder.lanes, builder.cause = entry.lanes, entry.cause
        self._finish(loop, entry, state, trial)
        if lowering.guessing:  # what is only a default may yet become something else
            for name, form in defaulted.items():
                frame.names[name] = reweakened(form, frame.names[name])
        for name in late:
            if name not in state.carried:
                frame.names[name] = Unbound(
                    f"`{name}` may be unassigned here: the loop at {frame.place(node)} may not run",
                    f"assign `{name}` before that loop",
                )
        self.lanes.leave(entry.lanes, entry.cause)
        if trial.is_endless and not any(exit.kind == "break" for exit in trial.exits):
            self.exits.leave_function(node, MISSING)  # what follows is never reached

    def _first_state(
        self,
        entry: _Entry,
        carried: list[str],
        steps: dict[str, type],
        remembered: tuple[object, object, Mapping[str, object]] | None,
        environment: object,
    ) -> tuple[State, Mapping[str, Form]]:
        """What the first round assumes, and which of it is but the default of weak numbers.

        If the loop was lowered before, its types can only have grown since; but a default may turn
        out to be another.
        """
        forms = []
        for name in carried:
            form = head_form(entry.names[name])
            forms.append(settled(form) if weak_type(form) is steps.get(name, form) else form)
        state = State(carried, forms, entry.lanes, entry.cause)
        if remembered is None:
            return state, {}
        known, before, found = remembered
        assert isinstance(before, State)
        defaulted = cast("Mapping[str, Form]", found)
        forms_before = [
            refreshed(form, entry.names.get(name, MISSING))
            for name, form in zip(before.carried, before.forms, strict=True)
        ]
        if known == environment:
            return State(before.carried, forms_before, before.lanes, before.cause), defaulted
        here = _place(self.lowering.frame, "", entry)
        grown_forms = []
        for name, form in zip(carried, forms, strict=True):
            if name in before.carried and name not in defaulted:
                try:
                    past = forms_before[before.carried.index(name)]
                    form = join(name, [(form, here), (past, here)], in_lanes=True)
                except CompileError:  # not the same variable as then
                    return state, {}
            grown_forms.append(form)
        lanes = before.lanes if state.lanes is None else state.lanes
        return State(carried, grown_forms, lanes, before.cause or state.cause), {}

    def _grow(self, entry: _Entry, state: State, trial: Trial, late: Iterable[str]) -> State:
        """The carried variables with the forms that all paths to the head and out need."""
        frame = self.lowering.frame
        exits, loop = trial.exits, trial.loop
        carried = [*state.carried]
        for name in late:
            leaving = [e for e in exits if e.kind == "break" or not trial.is_endless]
            if name not in carried and leaving:
                if not any(_is_unbound(e.things, name) for e in leaving):
                    carried.append(name)
        forms: list[Form] = []
        for name in carried:
            known = state.carried.index(name) if name in state.carried else None
            assumed = MISSING_FORM if known is None else state.forms[known]
            reaching = [
                (form_against(assumed, exit.things[name]), self.exits.place(name, exit))
                for exit in exits
                if not _is_unbound(exit.things, name)
            ]
            if not _is_unbound(entry.names, name):
                first = head_form(entry.names[name])
                reaching.insert(0, (first, _place(frame, name, entry)))
            form = join(name, reaching, in_lanes=trial.shape is not None)
            if known is not None:  # never less than before: a default, once taken, is kept
                place = reaching[0][1]
                form = join(name, [(assumed, place), (form, place)], in_lanes=True)
            forms.append(grown(name, form, trial.shape, reaching[-1][1]))
        lanes, cause = entry.lanes, entry.cause
        for shape, reason in ((loop.broke, loop.cause), (frame.escaped, frame.cause)):
            if shape is not None:
                lanes, cause = joint_lanes(lanes, shape), reason
        return State(carried, forms, lanes, cause)

    def _finish(self, loop: Kind, entry: _Entry, state: State, trial: Trial) -> None:
        """Write the jumps with their values, build the op, bind its results."""
        frame = self.lowering.frame
        for exit in trial.exits:
            things = [exit.things.get(name, MISSING) for name in state.carried]
            self.exits.write(exit, state.forms, things)
        before = [entry.names.get(name, MISSING) for name in state.carried]
        op = loop.build(trial, tuple(self.exits.values(state.forms, before)))
        self.exits.bind_results(iter(op.results), state.carried, state.forms)
        for name in state.carried:
            for exit in trial.exits:
                if name in exit.places:
                    frame.places[name] = exit.places[name]
                    break


class _Entry(NamedTuple):
    """What holds before a loop."""

    names: dict[str, Thing]
    places: dict[str, ast.AST]
    lanes: Shape | None
    cause: str


class State(NamedTuple):
    """What a round of lowering assumes at the loop head; `lanes` are those that may be off."""

    carried: list[str]
    forms: list[Form]
    lanes: Shape | None
    cause: str


class Kind(Protocol):
    """What kinds of loops differ in: how a round is lowered, and the op that comes out.

    `flags` are names of ours that the loop carries beside the user's; `surely_runs` says that the
    body runs at least once.
    """

    flags: tuple[str, ...]
    surely_runs: bool

    def round(self, state: State) -> Trial | None:
        """Lower the loop once; None if its condition is false for sure."""

    def build(self, trial: Trial, inits: tuple[ir.Value, ...]) -> ir.Op:
        """The op itself."""


class Trial:
    """A loop body lowered once: its blocks, its exits, and the lanes that the loop guards."""

    def __init__(
        self,
        body: ir.Block,
        exits: list[Exit],
        loop: Loop,
        condition: ir.Block | None = None,
        shape: Shape | None = None,
        is_endless: bool = False,
    ) -> None:
        self.body = body
        self.exits = exits
        self.loop = loop
        self.condition = condition
        self.has_lanes = shape is not None
        self.shape = joint_lanes(shape, loop.escaped)
        self.is_endless = is_endless


class _Range:
    """A loop over a range of scalars."""

    flags: tuple[str, ...] = ()

    def __init__(self, loops: Loops, node: ast.For, span: LoopRange) -> None:
        if not isinstance(node.target, ast.Name):
            with loops.lowering.under(node.target):
                raise CompileError("a loop over `range` assigns to one name")
        self.loops = loops
        self.node = node
        self.target = node.target
        self.span = span
        self.bounds = _bounds(loops.builder, span)
        self.surely_runs = bool(span.constant)

    def round(self, state: State) -> Trial:
        """Lower the body once."""
        loops = self.loops
        with loops.builder.inside(self.bounds[0].type, *flatten(state.forms)) as body:
            loops.exits.bind_results(iter(body.parameters[1:]), state.carried, state.forms)
            loops.lowering.bind(self.target.id, body.parameters[0], self.target)
            exits, loop = loops.lower_body(self.node)
        return Trial(body, exits, loop)

    def build(self, trial: Trial, inits: tuple[ir.Value, ...]) -> ir.Op:
        """The op itself."""
        start, stop, step = self.bounds
        return self.loops.builder.add(
            ir.For(start, stop, step, inits, trial.body, self.span.unroll, self.span.num_stages)
        )


class _Condition:
    """A loop as long as a condition holds, a scalar or a tile."""

    flags: tuple[str, ...] = ()

    def __init__(self, loops: Loops, node: ast.While) -> None:
        self.loops = loops
        self.node = node
        self.surely_runs = isinstance(node.test, ast.Constant) and bool(node.test.value)

    def round(self, state: State) -> Trial | None:
        """Lower the condition and the body once; None if the condition is false for sure."""
        loops, test = self.loops, self.node.test
        builder, lowering = loops.builder, loops.lowering
        types = flatten(state.forms)
        with builder.inside(*types) as condition, lowering.under(test):
            loops.exits.bind_results(iter(condition.parameters), state.carried, state.forms)
            known = loops.truth(lowering.evaluate(test), "the condition")
            if known is False:
                return None
            if not isinstance(known, ir.Value):
                known = builder.add(ir.Const(True, scalar(bool_)))
            builder.add(ir.Yield((known,)))
        shape = known.shape or None
        if shape is not None:
            loops.lanes.enter(test, shape)
        with builder.inside(*types) as body:
            loops.exits.bind_results(iter(body.parameters), state.carried, state.forms)
            exits, loop = loops.lower_body(self.node)
        return Trial(body, exits, loop, condition, shape, self.surely_runs)

    def build(self, trial: Trial, inits: tuple[ir.Value, ...]) -> ir.Op:
        """The op itself."""
        assert trial.condition is not None
        return self.loops.builder.add(ir.While(inits, trial.condition, trial.body, trial.has_lanes))


MISSING_FORM: Final = Fixed(MISSING)  # the form of what a loop has not carried so far


def no_else() -> CompileError:
    """The error for `else` of a loop."""
    return CompileError(
        "`else` of a loop is not supported in kernels",
        "set a flag before `break` and test it behind the loop",
    )


def _settle(state: State, trial: Trial, place: Place) -> tuple[State, dict[str, Form]]:
    """The state with a default dtype for what stays weak, and the forms it had before."""
    unsettled = {name: form for name, form in zip(state.carried, state.forms, strict=True)
                 if not is_settled(form)}  # fmt: skip
    forms: list[Form] = []
    for name, form in zip(state.carried, state.forms, strict=True):
        forms.append(grown(name, settled(form), trial.shape, place) if name in unsettled else form)
    return State(state.carried, forms, state.lanes, state.cause), unsettled


def _bounds(builder: ir.Builder, span: LoopRange) -> tuple[ir.Value, ir.Value, ir.Value]:
    """Start, stop and step of a range in the dtype they meet in; constants alone are `i32`."""
    operands = [as_operand(bound) for bound in (span.start, span.stop, span.step)]
    dtype = common_dtype(*operands)
    start, stop, step = (
        as_value(builder, x, dtype) if isinstance(x, ir.Value) else literal(builder, x, dtype)
        for x in operands
    )
    return start, stop, step


def _is_unbound(names: Mapping[str, Thing], name: str) -> bool:
    return isinstance(names.get(name, MISSING), Unbound)


def _place(frame: Frame, name: str, entry: _Entry) -> Place:
    return lambda: frame.place_of(name, entry.places)


def _environment(
    names: dict[str, Thing], used: Iterable[str], frame: Frame, builder: LaneBuilder
) -> object:
    """All that the types in a loop depend on, in a form that can be compared."""
    things = [environment_of(names.get(name, MISSING)) for name in used]
    return (things, builder.lanes, builder.depth, frame.escaped)
