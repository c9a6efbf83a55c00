"""From a definition and a signature to a verified function."""

from __future__ import annotations

import ast
from types import FunctionType

from .. import ir
from ..builtins import DOT, debug
from ..definition import Captures, Definition
from ..errors import CompileError
from ..ir.verify import verify
from ..signature import Argument, Constant, Signature, Struct
from ..structs import part_name, rebuild
from .attributes import Attributes
from .calls import Calls
from .expressions import Expressions
from .indexing import Indexing
from .merge import Thing
from .scope import Frame, LaneBuilder, Lowering, usable
from .statements import Statements


def lower(
    definition: Definition,
    signature: Signature,
    captures: Captures | None = None,
    options: frozenset[str] | None = None,
) -> ir.Function:
    """The typed, verified IR of a kernel for one signature.

    `captures` are the values of outside names, taken at the kernel's first lowering. `options`
    stand in for the definition's own switches where they differ. Raises `CompileError`.
    """
    captures = Captures() if captures is None else captures
    captures.take(definition)
    builder = LaneBuilder()
    frame = Frame(definition, (), None, builder)
    lowering = Lowering(captures, frame, builder)
    statements = _connect(lowering)
    parameters: list[ir.Parameter] = []
    for name, kind in signature.parameters.items():
        try:
            frame.names[name] = _parameter(name, kind, parameters)
        except CompileError as error:  # a constant that means nothing in kernels
            error.location = error.location or definition.place_of_parameter(name)
            match kind:
                case Constant(FunctionType()):
                    pass  # that it lacks a `@tw.func` is said already
                case _:
                    error.note = (
                        "a constexpr is a number, a string, a dtype, a tuple, None or a function"
                    )
            raise
    missing = [p.name for p in definition.parameters if p.name not in frame.names]
    if missing:
        raise CompileError(f"the signature lacks parameter `{missing[0]}`", None, definition.header)
    builder.block = body = ir.Block(tuple(parameters))
    try:
        statements.execute(definition.tree.body)
    except RecursionError:
        raise CompileError(
            "the kernel is nested deeper than Python's recursion limit allows",
            "give parts of the expression names, or calls fewer levels",
            builder.location or definition.header,
        ) from None
    for exit in frame.returns:
        statements.exits.write(exit, (), ())
    if not builder.is_closed:
        builder.location = frame.place(definition.tree.body[-1])
        builder.add(ir.Return(()))
    options = definition.options if options is None else options
    function = ir.Function(definition.name, body, signature.facts, options)
    _number(function)
    verify(function)
    return function


def _parameter(name: str, kind: Argument, parameters: list[ir.Parameter]) -> Thing:
    """What a parameter holds; a struct becomes a parameter of the function for each field."""
    match kind:
        case Constant(value):
            return usable(value, f"the constexpr `{name}`")
        case Struct(cls, fields):
            items = [
                _parameter(part_name(name, cls, position), field, parameters)
                for position, field in enumerate(fields)
            ]
            return rebuild(cls, items)
    parameter = ir.Parameter(kind, name)
    parameters.append(parameter)
    return parameter


def _connect(lowering: Lowering) -> Statements:
    """Make the parts of the frontend and tell them of each other."""
    expressions = Expressions(lowering, DOT)
    indexing = Indexing(lowering)
    statements = Statements(lowering, expressions, indexing, debug.device_assert)
    calls = Calls(lowering, expressions.several, statements.exits)
    expressions.handlers[ast.Attribute] = Attributes(lowering).evaluate
    expressions.handlers[ast.Subscript] = indexing.read
    expressions.handlers[ast.Call] = calls.evaluate
    lowering.evaluate = expressions.evaluate
    lowering.execute = statements.execute
    lowering.apply = calls.apply
    lowering.parse_index = indexing.positions
    return statements


def _number(function: ir.Function) -> None:
    """Give every op its place, and the function the table of their locations."""
    locations = []
    for place, op in enumerate(ir.walk(function.body)):
        op.place = place
        locations.append(op.loc)
    function.locations = tuple(locations)
