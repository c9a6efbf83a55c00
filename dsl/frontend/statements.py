"""Statements: assignment, `if`, `for`, `while`, `return` and the rest."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .. import ir
from ..builtins import Builtin, LoopRange
from ..builtins.arithmetic import as_value, cast, constant
from ..definition import Constexpr
from ..errors import CompileError
from ..types import Dtype, Kind, Tile, bool_, scalar
from .calls import range_bounds
from .expressions import OPERATORS, Expressions, has_value, unsupported
from .indexing import Indexing
from .lanes import Lanes
from .liveness import liveness_of
from .merge import (
    Form,
    Shape,
    Thing,
    Unbound,
    Weak,
    environment_of,
    flatten,
    flatten_things,
    form_of,
    grown,
    is_settled,
    join,
    settled,
    unflatten,
    varying,
)
from .scope import Exit, Frame, LaneBuilder, Loop, Lowering, describe_thing, joint_lanes


class Statements:
    """Executes statements: into ops, or at compile time where the condition is a constant."""

    def __init__(
        self, lowering: Lowering, expressions: Expressions, indexing: Indexing, check: Builtin
    ) -> None:
        self.lowering = lowering
        self.builder = lowering.builder
        self.expressions = expressions
        self.indexing = indexing
        self.lanes = Lanes(lowering)
        self.check = check
        self.handlers: dict[type, Callable[..., None]] = {
            ast.Assign: self._assign,
            ast.AugAssign: self._augmented,
            ast.AnnAssign: self._annotated,
            ast.Expr: self._expression,
            ast.If: self._if,
            ast.For: self._for,
            ast.While: self._while,
            ast.Break: self._jump,
            ast.Continue: self._jump,
            ast.Return: self._return,
            ast.Assert: self._assert,
            ast.Pass: lambda node: None,
        }

    def execute(self, body: Sequence[ast.stmt]) -> None:
        """Run statements up to the first that never goes on; errors get their place."""
        lowering, builder = self.lowering, self.builder
        frame = lowering.frame
        outer = builder.location
        for node in body:
            if builder.is_closed or frame.is_stopped:
                break
            location = builder.location = frame.place(node)
            try:
                handler = self.handlers.get(node.__class__)
                if handler is None:
                    raise unsupported(node)
                handler(node)
            except CompileError as error:
                if error.location is None:
                    error.location = location
                raise
        builder.location = outer

    # --- assignment -----------------------------------------------------------------------------

    def _assign(self, node: ast.Assign) -> None:
        thing = self.lowering.evaluate(node.value)
        for target in node.targets:
            self.assign(target, thing)

    def assign(self, target: ast.expr, thing: Thing) -> None:
        """Bind a name, unpack a tuple, or store into an array."""
        match target:
            case ast.Name(name):
                self.lowering.bind(name, thing, target)
            case ast.Tuple(items) | ast.List(items):
                with self.lowering.under(target):
                    self._unpack(items, thing)
            case ast.Subscript():
                with self.lowering.under(target):
                    self.indexing.store(target, thing)
            case _:
                with self.lowering.under(target):
                    raise CompileError(
                        "attributes cannot be assigned to in kernels", "assign to a name or `x[i]`"
                    )

    def _unpack(self, items: Sequence[ast.expr], thing: Thing) -> None:
        if not isinstance(thing, tuple):
            raise CompileError(f"cannot unpack {describe_thing(thing)}, expected a tuple")
        starred = [k for k, item in enumerate(items) if isinstance(item, ast.Starred)]
        if len(thing) != len(items) and not (starred and len(thing) >= len(items) - 1):
            raise CompileError(f"cannot unpack {len(thing)} values into {len(items)} names")
        if starred:
            first = starred[0]
            after = len(items) - first - 1
            rest = thing[first : len(thing) - after]
            thing = (*thing[:first], rest, *thing[len(thing) - after :])
        for item, part in zip(items, thing, strict=True):
            self.assign(item.value if isinstance(item, ast.Starred) else item, part)

    def _augmented(self, node: ast.AugAssign) -> None:
        kind = OPERATORS[type(node.op)]
        match node.target:
            case ast.Name(name) as target:
                current = self.lowering.evaluate(target)
                value = self.lowering.evaluate(node.value)
                self.lowering.bind(name, self._in_place(kind, current, value), target)
            case ast.Subscript() as target:
                self.indexing.update(
                    target,
                    lambda current: self._in_place(
                        kind, current, self.lowering.evaluate(node.value)
                    ),
                )
            case _:
                raise CompileError(
                    "attributes cannot be assigned to in kernels", "assign to a name or `x[i]`"
                )

    def _in_place(self, kind: str, current: Thing, value: Thing) -> Thing:
        """What an augmented assignment leaves: the dtype stays, as in NumPy's in-place operators."""
        result = self.expressions.operate(kind, current, value)
        if not isinstance(current, ir.Value) or not isinstance(result, ir.Value):
            return result
        found, kept = result.tile, current.tile
        if found.shape != kept.shape and kept.shape:
            raise CompileError(
                f"an augmented assignment to {describe_thing(current)} would give it shape "
                f"{found.shape}",
                "a variable's shape may only grow from a scalar to a tile",
            )
        if kept.dtype.is_pointer:
            return result
        if _KIND_RANK[found.dtype.kind] > _KIND_RANK[kept.dtype.kind]:
            raise CompileError(
                f"an augmented assignment to {describe_thing(current)} would make it {found.dtype}",
                f"write the cast out, as in `x = (x + y).to(tw.{kept.dtype})`",
            )
        return cast(self.builder, result, kept.dtype)

    def _annotated(self, node: ast.AnnAssign) -> None:
        if node.value is None:
            return
        thing = self.lowering.evaluate(node.value)
        try:
            annotation = self.lowering.evaluate(node.annotation)
        except CompileError:  # Python does not evaluate it either
            annotation = None
        if isinstance(annotation, Constexpr) and has_value(thing):
            raise CompileError(
                f"{describe_thing(thing)} is assigned to a constexpr, expected a constant"
            )
        if isinstance(annotation, Dtype):
            thing = self._annotated_as(thing, annotation)
        self.assign(node.target, thing)

    def _annotated_as(self, thing: Thing, dtype: Dtype) -> Thing:
        if isinstance(thing, bool | int | float):
            return as_value(self.builder, thing, dtype)
        if isinstance(thing, ir.Value) and isinstance(thing.type, Tile):
            if thing.tile.dtype != dtype:
                raise CompileError(
                    f"{describe_thing(thing)} is assigned to a variable annotated {dtype}",
                    f"cast it: `.to(tw.{dtype})`",
                )
        return thing

    def _expression(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self.lowering.evaluate(node.value)

    # --- if -------------------------------------------------------------------------------------

    def _if(self, node: ast.If) -> None:
        with self.lowering.under(node.test):
            test = self.lowering.evaluate(node.test)
            condition = self.expressions.truth(test, "the condition")
        if isinstance(condition, bool):
            self.execute(node.body if condition else node.orelse)
            return
        if isinstance(condition, Weak):
            condition = self._some_condition()
        assert isinstance(condition, ir.Value)
        builder, frame = self.builder, self.lowering.frame
        lanes, depth, cause = builder.lanes, builder.depth, builder.cause
        if condition.shape:
            with self.lowering.under(node.test):
                builder.lanes = joint_lanes(lanes, condition.shape)
                builder.cause = f"under the tile condition at {builder.location}"
            builder.depth += 1
        names, places, inside = frame.names, frame.places, (builder.lanes, builder.cause)
        then = self._side(node.body, names, places)
        builder.lanes, builder.cause = inside
        orelse = self._side(node.orelse, names, places)
        frame.names, frame.places = names, places
        builder.lanes, builder.depth, builder.cause = lanes, depth, cause
        live = liveness_of(frame.definition).after[node]
        merged = [n for n in liveness_of(frame.definition).assigned[node] if n in live]
        self._close_if(node, condition, then, orelse, merged)
        self.lanes.leave(lanes, cause)

    def _side(
        self, body: Sequence[ast.stmt], names: dict[str, Thing], places: dict[str, ast.AST]
    ) -> _Side:
        frame = self.lowering.frame
        frame.names, frame.places = dict(names), dict(places)
        with self.builder.inside() as block:
            self.execute(body)
            is_open = not self.builder.is_closed
        return _Side(block, frame.names, frame.places, is_open)

    def _close_if(
        self, node: ast.If, condition: ir.Value, then: _Side, orelse: _Side, merged: Sequence[str]
    ) -> None:
        """Build the op, and bind what the branches leave behind."""
        builder = self.builder
        sides = [side for side in (then, orelse) if side.is_open]
        if not sides:
            rest = ir.Block()
            rest.ops.append(self._jump_op(ir.Yield(())))
            builder.add(ir.If(condition, then.block, rest, bool(condition.shape)))
            self._splice(orelse.block)
            return
        changed = [name for name in merged if self._has_changed(name, sides)]
        forms: list[Form] = []
        computed: list[str] = []
        for name in changed:
            self._merge_name(node, name, sides, condition.shape, forms, computed)
        outer, lanes = builder.block, builder.lanes
        builder.lanes = None
        for side in sides:
            builder.block = side.block
            values = flatten_things(builder, forms, [side.names[name] for name in computed])
            side.block.ops.append(self._jump_op(ir.Yield(tuple(values))))
        builder.block, builder.lanes = outer, lanes
        op = builder.add(ir.If(condition, then.block, orelse.block, bool(condition.shape)))
        self._bind_results(op, computed, forms)

    def _has_changed(self, name: str, sides: Sequence[_Side]) -> bool:
        """Whether a branch assigned a name."""
        before = self.lowering.frame.names.get(name, _MISSING)
        return not all(side.names.get(name, _MISSING) is before for side in sides)

    def _merge_name(
        self,
        node: ast.If,
        name: str,
        sides: Sequence[_Side],
        shape: Shape,
        forms: list[Form],
        computed: list[str],
    ) -> None:
        """Find the form of one name after the `if`; names that need no value are bound at once."""
        frame = self.lowering.frame
        things = [side.names.get(name, _MISSING) for side in sides]
        places = [side.places for side in sides]
        assigned = [p for p in places if p.get(name) is not frame.places.get(name)] or places
        if name in assigned[0]:
            frame.places[name] = assigned[0][name]
        if any(isinstance(thing, Unbound) for thing in things):
            where = frame.place(node.test)
            frame.names[name] = Unbound(
                f"`{name}` may be unassigned here: it is assigned on one side of the `if` at {where}",
                f"assign `{name}` before that `if`",
            )
            return
        reaching = [
            (form_of(thing), lambda where=where: frame.place_of(name, where))
            for thing, where in zip(things, places, strict=True)
        ]
        form = join(name, reaching, in_lanes=bool(shape))
        if not is_settled(form):
            if isinstance(form, Weak) and any(isinstance(thing, Weak) for thing in things):
                frame.names[name] = form
                return
            form = settled(form)
        if not flatten([form]):
            frame.names[name] = things[0]
            return
        forms.append(grown(name, form, shape or None, reaching[0][1]))
        computed.append(name)

    def _bind_results(self, op: ir.Op, names: Sequence[str], forms: Sequence[Form]) -> None:
        things = unflatten(forms, iter(op.results))
        for name, thing in zip(names, things, strict=True):
            if isinstance(thing, ir.Value):
                thing.name = name
            self.lowering.frame.names[name] = thing

    def _splice(self, block: ir.Block) -> None:
        """Append the ops of a block that was lowered apart, and its jump with them."""
        self.builder.block.ops += block.ops
        for exit in self.lowering.frame.exits():
            if exit.block is block:
                exit.block = self.builder.block

    def _jump_op(self, op: ir.Op) -> ir.Op:
        op.loc = self.builder.location
        return op

    def _some_condition(self) -> ir.Value:
        return self.builder.add(ir.Const(True, scalar(bool_)))

    # --- loops ----------------------------------------------------------------------------------

    def _for(self, node: ast.For) -> None:
        if node.orelse:
            raise CompileError("`else` of a loop is not supported in kernels", "set a flag before `break`")
        iterable = self.lowering.evaluate(node.iter)
        match iterable:
            case LoopRange() if not iterable.is_static:
                self._loop(node, _ForLoop(self, node, iterable))
            case LoopRange():
                self._unroll(node, iterable.constant or ())
            case tuple():
                self._unroll(node, iterable)
            case _:
                with self.lowering.under(node.iter):
                    raise CompileError(
                        f"cannot loop over {describe_thing(iterable)}",
                        "loop over `range(...)`, `tw.static_range(...)` or a tuple",
                    )

    def _unroll(self, node: ast.For, items: Iterable[Thing]) -> None:
        """One copy of the body for each item of a constant tuple."""
        frame = self.lowering.frame
        loop = Loop(self.builder.depth, self.builder.block)
        frame.loops.append(loop)
        path = frame.path
        for number, item in enumerate(items):
            frame.path = (*path, (node, number))
            loop.signal = None
            self.assign(node.target, item)
            self.execute(node.body)
            if self.builder.is_closed or loop.signal == "break":
                break
        frame.loops.pop()
        frame.path = path

    def _while(self, node: ast.While) -> None:
        if node.orelse:
            raise CompileError("`else` of a loop is not supported in kernels", "set a flag before `break`")
        self._loop(node, _WhileLoop(self, node))

    def _loop(self, node: ast.For | ast.While, loop: _ForLoop | _WhileLoop) -> None:
        """Lower a loop: seek the types of its carried variables, then build it.

        The body is lowered with what the variables hold at the loop head and again whenever a type at
        its end turns out to be more: weak becomes strong, a scalar a tile. What came out is remembered
        with all it depends on, so that a loop inside a loop is not sought again each time.
        """
        lowering, builder = self.lowering, self.builder
        frame, depth = lowering.frame, builder.depth
        facts = liveness_of(frame.definition)
        needed = facts.reads[node] | facts.after[node]
        assigned = [name for name in facts.assigned[node] if name in needed]
        names, places = frame.names, frame.places
        entry = _Entry(dict(names), dict(places), builder.lanes, builder.cause)
        carried = [name for name in assigned if not isinstance(names.get(name, _MISSING), Unbound)]
        late = [name for name in assigned if name not in carried and name in facts.after[node]]
        first = [varying(form_of(names[name])) for name in carried]
        state = _State(carried, first, builder.lanes, builder.cause)
        key = (frame.definition, frame.path, node)
        environment = _environment(names, sorted(facts.reads[node].union(carried)), frame, builder)
        remembered = lowering.loop_states.get(key)
        if remembered is not None and remembered[0] == environment:
            assert isinstance(remembered[1], _State)
            state = remembered[1]
        returns = len(frame.returns)
        while True:
            del frame.returns[returns:]
            frame.names, frame.places = dict(names), dict(places)
            builder.lanes, builder.cause = state.lanes, state.cause
            trial = loop.round(state)
            builder.depth = depth
            if trial is None:
                frame.names, frame.places, builder.lanes = names, places, entry.lanes
                return
            found = self._grow(entry, state, trial, late if loop.surely_runs else ())
            if found == state:
                if all(map(is_settled, state.forms)):
                    break
                settled_forms = [settled(form) for form in state.forms]
                found = _State(state.carried, settled_forms, state.lanes, state.cause)
            state = found
        lowering.loop_states[key] = (environment, state)
        frame.names, frame.places, builder.lanes = names, places, entry.lanes
        self._finish(node, loop, entry, state, trial, late)

    def _grow(
        self, entry: _Entry, state: _State, trial: _Trial, late: Iterable[str]
    ) -> _State:
        """The carried variables with the forms that all paths to the loop head and out of it need."""
        frame = self.lowering.frame
        exits, loop = trial.exits, trial.loop
        carried = [*state.carried]
        for name in late:
            leaving = [e for e in exits if e.kind == "break" or not trial.is_endless]
            if name not in carried and leaving and all(_is_bound(e.things, name) for e in leaving):
                carried.append(name)
        shape = joint_lanes(trial.shape, loop.escaped)
        forms: list[Form] = []
        for name in carried:
            reaching = [
                (form_of(e.things[name]), lambda e=e: frame.place_of(name, e.places))
                for e in exits
                if _is_bound(e.things, name)
            ]
            if not isinstance(entry.names.get(name, _MISSING), Unbound):
                first = varying(form_of(entry.names[name]))
                reaching.insert(0, (first, lambda: frame.place_of(name, entry.places)))
            form = join(name, reaching, in_lanes=shape is not None)
            if name in state.carried:  # never less than before: a default, once taken, is kept
                assumed = state.forms[state.carried.index(name)]
                place = reaching[0][1]
                form = join(name, [(assumed, place), (form, place)], in_lanes=True)
            forms.append(grown(name, form, shape, reaching[-1][1]))
        lanes, cause = entry.lanes, entry.cause
        for shape, reason in ((loop.broke, loop.cause), (frame.escaped, frame.cause)):
            if shape is not None:
                lanes, cause = joint_lanes(lanes, shape), reason
        return _State(carried, forms, lanes, cause)

    def _finish(
        self,
        node: ast.For | ast.While,
        loop: _ForLoop | _WhileLoop,
        entry: _Entry,
        state: _State,
        trial: _Trial,
        late: Sequence[str],
    ) -> None:
        """Write the jumps with their values, build the op, bind its results."""
        frame, builder = self.lowering.frame, self.builder
        builder.lanes = None
        for exit in trial.exits:
            things = [exit.things.get(name, _MISSING) for name in state.carried]
            self.write_exit(exit, state.forms, things)
        inits = self._values(
            state.forms, [entry.names.get(name, _MISSING) for name in state.carried]
        )
        builder.lanes = entry.lanes
        op = loop.build(trial, tuple(inits))
        self._bind_results(op, state.carried, state.forms)
        for name in state.carried:
            frame.places[name] = next(
                (e.places[name] for e in trial.exits if name in e.places), frame.places.get(name, node)
            )
        for name in late:
            if name not in state.carried:
                frame.names[name] = Unbound(
                    f"`{name}` may be unassigned here: the loop at {frame.place(node)} may not run",
                    f"assign `{name}` before that loop",
                )
        self.lanes.leave(entry.lanes, entry.cause)
        if trial.is_endless and not any(e.kind == "break" for e in trial.exits):
            frame.returns.append(self.exit("return", node, _MISSING))  # what follows is never reached
            builder.add(ir.Return(()))

    def lower_body(self, node: ast.For | ast.While) -> tuple[list[Exit], Loop]:
        """Lower the body of a loop into the open block: where it is left, and by which lanes."""
        frame, builder = self.lowering.frame, self.builder
        loop = Loop(builder.depth)
        frame.loops.append(loop)
        self.execute(node.body)
        if not builder.is_closed:
            loop.exits.append(self.exit("end", node))
        frame.loops.pop()
        return loop.exits, loop

    def write_exit(self, exit: Exit, forms: Sequence[Form], things: Sequence[Thing]) -> None:
        """Replace the open jump at an exit by one with values."""
        builder = self.builder
        block, location = builder.block, builder.location
        builder.block, builder.location = exit.block, self.lowering.frame.place(exit.node)
        if exit.kind != "end":
            exit.block.ops.pop()
        values = tuple(self._values(forms, things))
        builder.add(_JUMPS[exit.kind](values))
        builder.block, builder.location = block, location

    def _values(self, forms: Sequence[Form], things: Sequence[Thing]) -> list[ir.Value]:
        """Things as values of their forms; what is unassigned, and never read, is zero."""
        values: list[ir.Value] = []
        for form, thing in zip(forms, things, strict=True):
            if isinstance(thing, Unbound):
                values += [constant(self.builder, 0, t.dtype, t.shape) for t in flatten([form])]
            else:
                values += flatten_things(self.builder, [form], [thing])
        return values

    # --- leaving --------------------------------------------------------------------------------

    def _jump(self, node: ast.Break | ast.Continue) -> None:
        frame, builder = self.lowering.frame, self.builder
        kind = "break" if isinstance(node, ast.Break) else "continue"
        loop = frame.loops[-1]
        if loop.block is not None:
            if loop.block is not builder.block:
                raise CompileError(
                    f"`{kind}` under a run-time condition in an unrolled loop",
                    "loop over `range(...)`, or put the rest of the body under the opposite condition",
                )
            loop.signal = kind
            return
        loop.exits.append(self.exit(kind, node))
        builder.add(_JUMPS[kind](()))
        if builder.depth > loop.depth or loop.escaped is not None:
            loop.escaped = joint_lanes(loop.escaped, builder.lanes)
            loop.cause = f"after the `{kind}` at {builder.location}"
            if kind == "break":
                loop.broke = joint_lanes(loop.broke, builder.lanes)

    def _return(self, node: ast.Return) -> None:
        frame, builder = self.lowering.frame, self.builder
        value = None if node.value is None else self.lowering.evaluate(node.value)
        if value is not None and frame.called_from is None:
            raise CompileError(
                f"a kernel returns {describe_thing(value)}, expected nothing",
                "store the result in an array",
            )
        frame.returns.append(self.exit("return", node, value))
        builder.add(ir.Return(()))
        if builder.depth > frame.depth or any(loop.escaped is not None for loop in frame.loops):
            frame.escaped = joint_lanes(frame.escaped, builder.lanes)
            frame.cause = f"after the `return` at {builder.location}"

    def exit(self, kind: str, node: ast.AST, value: Thing = None) -> Exit:
        """The current place as a way out of a construct."""
        frame = self.lowering.frame
        return Exit(
            kind,
            self.builder.block,
            dict(frame.names),
            dict(frame.places),
            node,
            self.builder.lanes,
            value,
        )

    def _assert(self, node: ast.Assert) -> None:
        test = self.lowering.evaluate(node.test)
        message = "" if node.msg is None else self.lowering.evaluate(node.msg)
        if not isinstance(message, str):
            raise CompileError(
                f"the message of `assert` is {describe_thing(message)}, expected a constant string"
            )
        condition = self.expressions.truth(test, "the condition of `assert`")
        self.lowering.apply(self.check, (condition, message), {})


_JUMPS: Final[dict[str, Callable[[tuple[ir.Value, ...]], ir.Op]]] = {
    "break": ir.Break,
    "continue": ir.Continue,
    "return": ir.Return,
    "end": ir.Yield,
}
_KIND_RANK: Final = {
    Kind.BOOL: 0, Kind.UNSIGNED: 1, Kind.SIGNED: 2, Kind.INDEX: 2, Kind.FLOAT: 3, Kind.POINTER: 4,
}  # fmt: skip
_MISSING: Final = Unbound("")


@dataclass(frozen=True, slots=True)
class _Side:
    """A branch that was lowered: its block, what names hold at its end, whether it gets there."""

    block: ir.Block
    names: dict[str, Thing]
    places: dict[str, ast.AST]
    is_open: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """What holds before a loop."""

    names: dict[str, Thing]
    places: dict[str, ast.AST]
    lanes: Shape | None
    cause: str


@dataclass(frozen=True, slots=True)
class _State:
    """What a round of lowering a loop assumes at its head; `lanes` are those that may be off there."""

    carried: list[str]
    forms: list[Form]
    lanes: Shape | None
    cause: str


@dataclass(frozen=True, slots=True)
class _Trial:
    """A loop body lowered once: its blocks, its exits, and the shape of its tile condition."""

    body: ir.Block
    exits: list[Exit]
    loop: Loop
    shape: Shape | None = None
    condition: ir.Block | None = None
    is_endless: bool = False


class _ForLoop:
    """A loop over a range of scalars."""

    def __init__(self, statements: Statements, node: ast.For, span: LoopRange) -> None:
        if not isinstance(node.target, ast.Name):
            with statements.lowering.under(node.target):
                raise CompileError("a loop over `range` assigns to one name")
        self.statements = statements
        self.node = node
        self.target = node.target
        self.bounds = range_bounds(statements.builder, span)
        self.span = span
        self.surely_runs = bool(span.constant)

    def round(self, state: _State) -> _Trial:
        """Lower the body once."""
        builder, lowering = self.statements.builder, self.statements.lowering
        first = self.bounds[0].type
        with builder.inside(first, *flatten(state.forms)) as body:
            things = unflatten(state.forms, iter(body.parameters[1:]))
            for name, thing in zip(state.carried, things, strict=True):
                _name(lowering.frame, name, thing)
            lowering.bind(self.target.id, body.parameters[0], self.target)
            exits, loop = self.statements.lower_body(self.node)
        return _Trial(body, exits, loop)

    def build(self, trial: _Trial, inits: tuple[ir.Value, ...]) -> ir.Op:
        """The op itself."""
        start, stop, step = self.bounds
        return self.statements.builder.add(
            ir.For(start, stop, step, inits, trial.body, self.span.unroll, self.span.num_stages)
        )


class _WhileLoop:
    """A loop as long as a condition holds, a scalar or a tile."""

    def __init__(self, statements: Statements, node: ast.While) -> None:
        self.statements = statements
        self.node = node
        self.surely_runs = isinstance(node.test, ast.Constant) and bool(node.test.value)

    def round(self, state: _State) -> _Trial | None:
        """Lower the condition and the body once; None if the condition is false for sure."""
        statements = self.statements
        builder, lowering = statements.builder, statements.lowering
        types = flatten(state.forms)
        with builder.inside(*types) as condition:
            self._bind(state, condition)
            with lowering.under(self.node.test):
                test = lowering.evaluate(self.node.test)
                known = statements.expressions.truth(test, "the condition")
                if known is False:
                    return None
                if not isinstance(known, ir.Value):
                    known = builder.add(ir.Const(True, scalar(bool_)))
                shape = known.shape or None
                builder.add(ir.Yield((known,)))
        if shape is not None:
            with lowering.under(self.node.test):
                builder.lanes = joint_lanes(state.lanes, shape)
                builder.cause = f"under the tile condition at {builder.location}"
            builder.depth += 1
        with builder.inside(*types) as body:
            self._bind(state, body)
            exits, loop = statements.lower_body(self.node)
        return _Trial(body, exits, loop, shape, condition, self.surely_runs)

    def build(self, trial: _Trial, inits: tuple[ir.Value, ...]) -> ir.Op:
        """The op itself."""
        assert trial.condition is not None
        return self.statements.builder.add(
            ir.While(inits, trial.condition, trial.body, trial.shape is not None)
        )

    def _bind(self, state: _State, block: ir.Block) -> None:
        things = unflatten(state.forms, iter(block.parameters))
        for name, thing in zip(state.carried, things, strict=True):
            _name(self.statements.lowering.frame, name, thing)


def _environment(
    names: dict[str, Thing], used: Iterable[str], frame: Frame, builder: LaneBuilder
) -> object:
    """All that the types in a loop depend on, in a form that can be compared."""
    things = [environment_of(names.get(name, _MISSING)) for name in used]
    return (things, builder.lanes, builder.depth, frame.escaped)


def _is_bound(things: Mapping[str, Thing], name: str) -> bool:
    return not isinstance(things.get(name, _MISSING), Unbound)


def _name(frame: Frame, name: str, thing: Thing) -> None:
    """Bind a carried variable at the head of a loop."""
    if isinstance(thing, ir.Value):
        thing.name = name
    frame.names[name] = thing
