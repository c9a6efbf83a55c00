"""Ways out of a construct: jumps that are written twice, first open, then with their values.

What a loop or a function gives is known only when all of it has been lowered. Until then a jump
stands without values, and an `Exit` remembers what the names held there.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from .. import ir
from ..builtins.arithmetic import constant
from ..structs import is_struct
from .merge import Form, Place, Thing, Unbound, flatten, flatten_things, unflatten
from .scope import Exit, Lowering, joint_lanes, name_parts

MISSING: Final = Unbound("")  # what a name holds that was never assigned


class Exits:
    """Makes exits and writes their jumps."""

    def __init__(self, lowering: Lowering) -> None:
        self.lowering = lowering
        self.builder = lowering.builder

    def here(self, kind: str, node: ast.AST, value: Thing = None) -> Exit:
        """The current place as a way out."""
        frame = self.lowering.frame
        return Exit(kind, self.builder.block, dict(frame.names), dict(frame.places), node, value)

    def jump(self, node: ast.AST, kind: str) -> None:
        """Leave the nearest loop here, or begin its next round."""
        frame, builder = self.lowering.frame, self.builder
        loop = frame.loops[-1]
        loop.exits.append(self.here(kind, node))
        builder.add(_JUMPS[kind](()))
        if builder.depth > loop.depth or loop.escaped is not None:
            loop.escaped = joint_lanes(loop.escaped, builder.lanes)
            loop.cause = f"after the `{kind}` at {builder.location}"
            if kind == "break":
                loop.broke = joint_lanes(loop.broke, builder.lanes)

    def leave_function(self, node: ast.AST, value: Thing) -> None:
        """Return here; `MISSING` where control never gets."""
        frame, builder = self.lowering.frame, self.builder
        frame.returns.append(self.here("return", node, value))
        builder.add(ir.Return(()))
        if builder.depth > frame.depth or any(loop.escaped is not None for loop in frame.loops):
            frame.escaped = joint_lanes(frame.escaped, builder.lanes)
            frame.cause = f"after the `return` at {builder.location}"

    def write(self, exit: Exit, forms: Sequence[Form], things: Sequence[Thing]) -> None:
        """Replace the open jump at an exit by one with values."""
        builder = self.builder
        block, location, lanes = builder.block, builder.location, builder.lanes
        builder.block, builder.lanes = exit.block, None
        builder.location = self.lowering.frame.place(exit.node)
        if exit.kind != "end":
            exit.block.ops.pop()
        values = tuple(self.values(forms, things))
        builder.add(_JUMPS[exit.kind](values))
        builder.block, builder.location, builder.lanes = block, location, lanes

    def values(self, forms: Sequence[Form], things: Sequence[Thing]) -> list[ir.Value]:
        """Things as values of their forms; what is unassigned, and never read, is zero."""
        values: list[ir.Value] = []
        for form, thing in zip(forms, things, strict=True):
            if isinstance(thing, Unbound):
                values += [constant(self.builder, 0, t.dtype, t.shape) for t in flatten([form])]
            else:
                values += flatten_things(self.builder, [form], [thing])
        return values

    def bind_results(
        self, results: Iterator[ir.Value], names: Sequence[str], forms: Sequence[Form]
    ) -> None:
        """Bind names to the values that a construct or the head of a loop gives them."""
        things = unflatten(forms, results)
        for name, thing in zip(names, things, strict=True):
            if isinstance(thing, ir.Value):
                thing.name = name
            elif is_struct(thing):
                name_parts(name, thing)
            self.lowering.frame.names[name] = thing

    def splice(self, block: ir.Block) -> None:
        """Append the ops of a block that was lowered apart, and its jump with them."""
        frame = self.lowering.frame
        self.builder.block.ops += block.ops
        for exit in (*(e for loop in frame.loops for e in loop.exits), *frame.returns):
            if exit.block is block:
                exit.block = self.builder.block

    def place(self, name: str, exit: Exit) -> Place:
        """Where a name that holds at an exit was assigned."""
        frame = self.lowering.frame
        return lambda: frame.place_of(name, exit.places)


_JUMPS: Final[dict[str, Callable[[tuple[ir.Value, ...]], ir.Op]]] = {
    "break": ir.Break,
    "continue": ir.Continue,
    "return": ir.Return,
    "end": ir.Yield,
}
