"""Statements: assignment, `return`, `assert`, and where the others are executed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Final

from .. import ir
from ..builtins import Builtin, LoopRange
from ..builtins.arithmetic import as_value, cast
from ..definition import constexpr
from ..errors import CompileError
from ..structs import is_struct
from ..types import Dtype, Kind, Tile
from .branches import Branches
from .exits import Exits
from .expressions import OPERATORS, Expressions, unsupported
from .indexing import Indexing
from .lanes import Lanes
from .loops import Loops, no_else
from .merge import Thing
from .scope import Lowering, describe_thing, has_value
from .unrolling import Unrolling


class Statements:
    """Executes statements: into ops, or at compile time where the condition is a constant."""

    def __init__(
        self, lowering: Lowering, expressions: Expressions, indexing: Indexing, check: Builtin
    ) -> None:
        self.lowering = lowering
        self.builder = lowering.builder
        self.expressions = expressions
        self.indexing = indexing
        self.check = check
        self.exits = Exits(lowering)
        lanes = Lanes(lowering)
        branches = Branches(lowering, expressions.truth, self.exits, lanes)
        self.loops = Loops(lowering, expressions.truth, self.exits, lanes)
        self.unrolling = Unrolling(lowering, self.loops, self.assign, self.exits)
        self.handlers: dict[type, Callable[..., None]] = {
            ast.Assign: self._assign,
            ast.AugAssign: self._augmented,
            ast.AnnAssign: self._annotated,
            ast.Expr: self._expression,
            ast.If: branches.execute,
            ast.For: self._for,
            ast.While: self.loops.while_,
            ast.Break: self.unrolling.leave,
            ast.Continue: self.unrolling.leave,
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
                    raise self._assigned_attribute(target)

    def _assigned_attribute(self, target: ast.expr) -> CompileError:
        """The error for `s.x = ...`."""
        base = self.lowering.evaluate(target.value) if isinstance(target, ast.Attribute) else None
        if not isinstance(target, ast.Attribute) or not is_struct(base):
            return CompileError(
                "attributes cannot be assigned to in kernels", "assign to a name or `x[i]`"
            )
        name, field = ast.unparse(target.value), target.attr
        way = f"{name}._replace({field}=...)"
        if not isinstance(base, tuple):
            way = f"dataclasses.replace({name}, {field}=...)"
        return CompileError(
            f"field `{field}` of {describe_thing(base)} is assigned to, but structs are values",
            f"make another: `{name} = {way}`",
        )

    def _unpack(self, items: Sequence[ast.expr], thing: Thing) -> None:
        if not isinstance(thing, tuple):
            is_tile = isinstance(thing, ir.Value) and isinstance(thing.type, Tile)
            note = "pick its elements: `v[0]`, `v[1]`" if is_tile else None
            raise CompileError(f"cannot unpack {describe_thing(thing)}, expected a tuple", note)
        starred = [k for k, item in enumerate(items) if isinstance(item, ast.Starred)]
        if len(thing) != len(items) and not (starred and len(thing) >= len(items) - 1):
            raise CompileError(
                f"cannot unpack {len(thing)} values into {len(items)} names",
                "give a name to each; `*rest` takes several",
            )
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
                self.lowering.bind(name, self._in_place(kind, current, value, name), target)
            case ast.Subscript() as target:
                self.indexing.update(
                    target,
                    lambda current: self._in_place(
                        kind, current, self.lowering.evaluate(node.value), ast.unparse(target)
                    ),
                )
            case _:
                raise self._assigned_attribute(node.target)

    def _in_place(self, kind: str, current: Thing, value: Thing, name: str) -> Thing:
        """What an augmented assignment leaves: the dtype stays, as with NumPy's own."""
        result = self.expressions.operate(kind, current, value)
        if not isinstance(current, ir.Value) or not isinstance(result, ir.Value):
            return result
        found, kept = result.tile, current.tile
        if found.shape != kept.shape and kept.shape:
            raise CompileError(
                f"an augmented assignment to `{name}` of type {kept} would give it shape "
                f"{found.shape}",
                "a variable's shape may only grow from a scalar to a tile",
            )
        if kept.dtype.is_pointer:
            return result
        if _KIND_RANK[found.dtype.kind] > _KIND_RANK[kept.dtype.kind]:
            raise CompileError(
                f"an augmented assignment to `{name}` of type {kept} would make it {found.dtype}",
                f"write the cast out, as in `{name} = (...).to(tw.{kept.dtype})`",
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
        if annotation is constexpr and has_value(thing):
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

    # --- the others -----------------------------------------------------------------------------

    def _for(self, node: ast.For) -> None:
        if node.orelse:
            raise no_else()
        iterable = self.lowering.evaluate(node.iter)
        match iterable:
            case LoopRange() if not iterable.is_static:
                self.loops.over_range(node, iterable)
            case LoopRange():
                self.unrolling.execute(node, iterable.constant or ())
            case tuple():
                self.unrolling.execute(node, iterable)
            case _:
                with self.lowering.under(node.iter):
                    raise CompileError(
                        f"cannot loop over {describe_thing(iterable)}",
                        "loop over `range(...)`, `tw.static_range(...)` or a tuple",
                    )

    def _return(self, node: ast.Return) -> None:
        frame = self.lowering.frame
        value = None if node.value is None else self.lowering.evaluate(node.value)
        if value is not None and frame.called_from is None:
            raise CompileError(
                f"a kernel returns {describe_thing(value)}, expected nothing",
                "store the result in an array",
            )
        self.exits.leave_function(node, value)

    def _assert(self, node: ast.Assert) -> None:
        test = self.lowering.evaluate(node.test)
        message = "" if node.msg is None else self.lowering.evaluate(node.msg)
        if not isinstance(message, str):
            raise CompileError(
                f"the message of `assert` is {describe_thing(message)}, expected a constant string"
            )
        condition = self.expressions.truth(test, "the condition of `assert`")
        self.lowering.apply(self.check, (condition, message), {})


# What NumPy calls "same kind": a value is kept in a kind of the same or a higher rank.
_KIND_RANK: Final = {
    Kind.BOOL: 0, Kind.UNSIGNED: 1, Kind.SIGNED: 2, Kind.INDEX: 2, Kind.FLOAT: 3, Kind.POINTER: 4,
}  # fmt: skip
