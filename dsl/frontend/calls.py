"""Calls: builtins, and functions of the user, which are inlined."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from .. import ir
from ..builtins import Builtin, debug, python, structs
from ..definition import REQUIRED, DefinedParameter, Definition, Func
from ..errors import CompileError
from ..structs import class_of, is_struct, is_struct_class, items_of, rebuild
from ..types import Dtype
from .attributes import BoundFunction, BoundMethod
from .construct import construct
from .exits import Exits
from .expressions import Lambda
from .lanes import refuse_mixing
from .merge import (
    Place,
    Thing,
    Unbound,
    Weak,
    flatten,
    form_of,
    grown,
    is_settled,
    join,
    reweakened,
    settled,
    unflatten,
)
from .scope import Exit, Frame, Lowering, describe_thing, has_value, usable


class Calls:
    """Evaluates calls."""

    def __init__(
        self,
        lowering: Lowering,
        several: Callable[[Sequence[ast.expr]], list[Thing]],
        exits: Exits,
    ) -> None:
        self.lowering = lowering
        self.several = several
        self.exits = exits
        self.frames: list[Frame] = []
        self.lambdas: list[Lambda] = []
        self.printed: set[object] = set()

    def evaluate(self, node: ast.Call) -> Thing:
        """The worth of a call."""
        function = self.lowering.evaluate(node.func)
        arguments = self.several(node.args)
        keywords: dict[str, Thing] = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                raise CompileError(
                    "`**` in a call is not supported in kernels", "name the arguments"
                )
            keywords[keyword.arg] = self.lowering.evaluate(keyword.value)
        return self.apply(function, arguments, keywords)

    def apply(
        self, function: Thing, arguments: Sequence[Thing], keywords: Mapping[str, Thing]
    ) -> Thing:
        """Call something: a builtin, a method, a `@tw.func` function, a lambda."""
        match function:
            case Builtin():
                return self._builtin(function, arguments, keywords)
            case BoundMethod(builtin, receiver):
                return self._builtin(builtin, (receiver, *arguments), keywords)
            case BoundFunction(method, receiver):
                return self._inline(method, (receiver, *arguments), keywords)
            case Func():
                return self._inline(function, arguments, keywords)
            case Lambda():
                return self._lambda(function, arguments, keywords)
            case Dtype():
                raise CompileError(
                    f"the dtype {function} cannot be called", f"cast with `.to(tw.{function})`"
                )
            case type() if is_struct_class(function):
                return construct(self.lowering, function, arguments, keywords)
        raise CompileError(f"{describe_thing(function)} cannot be called")

    def _builtin(
        self, function: Builtin, arguments: Sequence[Thing], keywords: Mapping[str, Thing]
    ) -> Thing:
        if self.lowering.lanes is not None:
            refuse_mixing(self.lowering, function)
        if function is debug.static_print and self._is_repeated(arguments):
            return None
        is_weak = False
        if self.lowering.guessing and function not in _TAKES_WEAK:
            is_weak = any(_contains_weak(thing) for thing in (*arguments, *keywords.values()))
        if is_weak:
            arguments = [_without_weak(thing) for thing in arguments]
            keywords = {name: _without_weak(thing) for name, thing in keywords.items()}
        result: Thing = function.lower(self.lowering, *arguments, **keywords)
        if is_weak and isinstance(result, bool | int | float):
            return Weak(type(result))
        return result

    def _is_repeated(self, arguments: Sequence[Thing]) -> bool:
        """Whether something was printed already: loops may be lowered several times."""
        lowering = self.lowering
        shown = tuple([describe_thing(thing) for thing in arguments])
        key = (lowering.frame.path, str(lowering.builder.location), shown)
        if lowering.guessing or key in self.printed:
            return True
        self.printed.add(key)
        return False

    def _lambda(
        self, function: Lambda, arguments: Sequence[Thing], keywords: Mapping[str, Thing]
    ) -> Thing:
        taken = function.node.args
        names = [a.arg for a in taken.posonlyargs + taken.args]
        if taken.vararg or taken.kwarg or taken.kwonlyargs or taken.defaults:
            raise CompileError("a lambda takes plain parameters only", "write a `@tw.func`")
        if len(arguments) != len(names) or keywords:
            raise CompileError(f"the lambda takes {len(names)} arguments, found {len(arguments)}")
        if function in self.lambdas:
            raise _recursion("the lambda")
        lowering = self.lowering
        frame, outer = function.frame, lowering.frame
        saved = frame.names
        self.lambdas.append(function)
        frame.names = {**saved, **dict(zip(names, arguments, strict=True))}
        lowering.frame = frame
        try:
            return lowering.evaluate(function.node.body)
        finally:
            lowering.frame, frame.names = outer, saved
            self.lambdas.pop()

    # --- inlining -------------------------------------------------------------------------------

    def _inline(
        self, function: Func[..., object], arguments: Sequence[Thing], keywords: Mapping[str, Thing]
    ) -> Thing:
        lowering, builder = self.lowering, self.lowering.builder
        definition = function.definition
        for open_frame in (*self.frames, lowering.frame):
            if open_frame.definition is definition:
                raise _recursion(f"`{definition.name}`")
        outer, location = lowering.frame, builder.location
        lanes, depth, cause = builder.lanes, builder.depth, builder.cause
        key = (location.line, location.column) if location is not None else None
        frame = Frame(definition, (*outer.path, definition, key), location, builder)
        for parameter, value in self._bound(definition, arguments, keywords):
            frame.names[parameter.name] = value
        self.frames.append(outer)
        lowering.frame = frame
        try:
            with builder.inside() as body:
                lowering.execute(definition.tree.body)
                if not builder.is_closed:
                    self.exits.leave_function(definition.tree.body[-1], None)
            return self._result(frame, body)
        finally:
            lowering.frame = outer
            self.frames.pop()
            builder.location = location
            builder.lanes, builder.depth, builder.cause = lanes, depth, cause

    def _result(self, frame: Frame, body: ir.Block) -> Thing:
        """What an inlined function gives; only if it is left early, the body stands apart."""
        builder = self.lowering.builder
        exits = frame.returns
        if len(exits) == 1 and exits[0].block is body and frame.escaped is None:
            body.ops.pop()
            builder.block.ops += body.ops
            return None if isinstance(exits[0].value, Unbound) else exits[0].value
        reaching = [exit for exit in exits if not isinstance(exit.value, Unbound)]
        if not reaching:
            reaching = exits
            for exit in exits:
                exit.value = None
        name = f"{frame.definition.name}()"
        forms_there = [(form_of(exit.value), _place(frame, exit)) for exit in reaching]
        self._refuse_half(frame, reaching)
        form = join(name, forms_there, in_lanes=frame.escaped is not None)
        is_weak = not is_settled(form) and any(_contains_weak(exit.value) for exit in reaching)
        forms = [grown(name, settled(form), frame.escaped, forms_there[0][1])]
        for exit in exits:
            self.exits.write(exit, forms, [exit.value])
        builder.location = frame.called_from
        op = builder.add(ir.Inlined(tuple(flatten(forms)), body))
        result = unflatten(forms, iter(op.results))[0]
        return reweakened(form, result) if is_weak else result

    def _refuse_half(self, frame: Frame, exits: Sequence[Exit]) -> None:
        """Refuse a function that returns a value on some paths and nothing on others."""
        empty = [e for e in exits if e.value is None]
        given = [e for e in exits if e.value is not None]
        if empty and given and any(has_value(e.value) for e in given):
            raise CompileError(
                f"`{frame.definition.name}` ends here without a value, but returns "
                f"{describe_thing(given[0].value)} at {frame.place(given[0].node)}",
                "return a value on every path",
                frame.place(empty[-1].node),
            )

    def _bound(
        self,
        definition: Definition,
        arguments: Sequence[Thing],
        keywords: Mapping[str, Thing],
    ) -> list[tuple[DefinedParameter, Thing]]:
        """The parameters with their arguments or defaults."""
        parameters = definition.parameters
        positional = definition.function.__code__.co_argcount
        note = f"it is `{definition.name}({', '.join(p.name for p in parameters)})`"
        if len(arguments) > positional:
            raise CompileError(
                f"`{definition.name}` takes {positional} positional arguments, "
                f"found {len(arguments)}",
                note,
            )
        given = dict(zip([p.name for p in parameters], arguments, strict=False))
        known = {parameter.name for parameter in parameters}
        for name, value in keywords.items():
            if name not in known:
                raise CompileError(f"`{definition.name}` has no parameter `{name}`", note)
            if name in given:
                raise CompileError(
                    f"parameter `{name}` of `{definition.name}` is given twice", note
                )
            given[name] = value
        bound: list[tuple[DefinedParameter, Thing]] = []
        for parameter in parameters:
            name = parameter.name
            if name in given:
                value = given[name]
            elif parameter.default is REQUIRED:
                raise CompileError(f"parameter `{name}` of `{definition.name}` is missing", note)
            else:
                value = usable(parameter.default, f"the default of `{name}`")
            bound.append((parameter, self._checked(definition, parameter, value)))
        return bound

    def _checked(self, definition: Definition, parameter: DefinedParameter, value: Thing) -> Thing:
        """An argument as its parameter is annotated: a constant, or of a dtype."""
        what = f"parameter `{parameter.name}` of `{definition.name}`"
        return self.lowering.fit(value, parameter.annotation, what)


def _recursion(what: str) -> CompileError:
    return CompileError(
        f"{what} calls itself; functions are inlined, so recursion has no end", "write a loop"
    )


def _place(frame: Frame, exit: Exit) -> Place:
    return lambda: frame.place(exit.node)


# These look at no number: they pass on what they are given.
_TAKES_WEAK: Final = (
    python.isinstance_, python.len_, python.tuple_, python.zip_, python.enumerate_, structs.replace,
)  # fmt: skip


def _contains_weak(thing: Thing) -> bool:
    if is_struct(thing):
        return any(map(_contains_weak, items_of(thing)))
    return isinstance(thing, Weak)


def _without_weak(thing: Thing) -> Thing:
    """The same with a literal for every weak number."""
    if _contains_weak(thing) and is_struct(thing):
        return rebuild(class_of(thing), list(map(_without_weak, items_of(thing))))
    return thing.sample if isinstance(thing, Weak) else thing
