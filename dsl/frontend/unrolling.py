"""Loops that are written out when compiling: over constant tuples and `tw.static_range`.

A `break` or `continue` decided when compiling ends the writing out. One under a run-time condition
needs something to leave: the copies then stand in loops that run once. One around all copies is
what `break` leaves, one around each copy what `continue` leaves; where both occur, a flag tells
the outer one of the inner.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Final

from .. import ir
from ..builtins.arithmetic import constant
from ..errors import CompileError
from ..types import bool_, i32, scalar
from .exits import Exits
from .liveness import liveness_of
from .loops import Loops, State, Trial
from .merge import Thing, flatten
from .scope import Loop, Lowering

# Rounds of loops written out, nested ones multiplied: beyond it compiling takes minutes.
_MOST_ROUNDS: Final = 1 << 14


class Unrolling:
    """Executes loops over constants, and `break` and `continue` of all loops."""

    def __init__(
        self,
        lowering: Lowering,
        loops: Loops,
        assign: Callable[[ast.expr, Thing], None],
        exits: Exits,
    ) -> None:
        self.lowering = lowering
        self.builder = lowering.builder
        self.loops = loops
        self.assign = assign
        self.exits = exits
        self.rounds = 1  # of the loops that are open, multiplied

    def execute(self, node: ast.For, items: Sequence[Thing]) -> None:
        """Write the body out for each item; anew where it turns out to be left at run time."""
        if not items:
            return
        outer, self.rounds = self.rounds, self.rounds * len(items)
        try:
            if self.rounds > _MOST_ROUNDS:
                with self.lowering.under(node.iter):
                    raise CompileError(
                        f"this loop is written out {self.rounds} times, expected at most "
                        f"{_MOST_ROUNDS}",
                        "every round is compiled anew: use `range`, which loops at run time",
                    )
            self._write_out(node, items)
        finally:
            self.rounds = outer

    def _write_out(self, node: ast.For, items: Sequence[Thing]) -> None:
        lowering, frame, builder = self.lowering, self.lowering.frame, self.builder
        leaves: frozenset[str] = frozenset()
        names, places, path = dict(frame.names), dict(frame.places), frame.path
        ops, returns, loops = len(builder.block.ops), len(frame.returns), len(frame.loops)
        escaped, guessing = (frame.escaped, frame.cause), lowering.guessing
        lanes = (builder.lanes, builder.depth, builder.cause)
        while True:
            try:
                self._execute(node, items, leaves)
                return
            except _LeftAtRunTime as jump:
                if jump.loop.node is not node:
                    raise
                leaves |= {jump.kind}
            del builder.block.ops[ops:], frame.returns[returns:], frame.loops[loops:]
            frame.names, frame.places, frame.path = dict(names), dict(places), path
            (frame.escaped, frame.cause), lowering.guessing = escaped, guessing
            builder.lanes, builder.depth, builder.cause = lanes

    def leave(self, node: ast.Break | ast.Continue) -> None:
        """Execute `break` or `continue`, which end a round of the nearest loop."""
        kind = "break" if isinstance(node, ast.Break) else "continue"
        loop = self.lowering.frame.loops[-1]
        if loop.block is None:
            self.exits.jump(node, kind)
        elif loop.block is self.builder.block:
            loop.signal = kind
        elif kind not in loop.leaves:
            raise _LeftAtRunTime(loop, kind)
        else:
            if loop.flag is not None:
                flag = constant(self.builder, kind == "break", bool_)
                self.lowering.frame.names[loop.flag] = flag
            self.exits.jump(node, "break")

    def copy(self, node: ast.For, items: Sequence[Thing], loop: Loop) -> None:
        """Copies of the body, one after another, which leave `loop`."""
        frame = self.lowering.frame
        path = frame.path
        frame.loops.append(loop)
        for number, item in enumerate(items):
            frame.path = (*path, (node, number))
            loop.signal = None
            self.assign(node.target, item)
            self.lowering.execute(node.body)
            if self.builder.is_closed or loop.signal == "break":
                break
        frame.loops.pop()
        frame.path = path

    def copy_in_loops(
        self, node: ast.For, items: Sequence[Thing], loop: Loop, leaves: frozenset[str]
    ) -> None:
        """Copies of the body, each in a loop of its own that runs once."""
        frame = self.lowering.frame
        path = frame.path
        flag = _FLAG if "break" in leaves else None
        frame.loops.append(loop)
        for number, item in enumerate(items):
            frame.path = (*path, (node, number))
            if flag is not None:
                frame.names[flag] = False
            once = _Once(self, node, (item,), leaves, flag)
            self.loops.run(node, once)
            if flag is not None and not self.builder.is_closed:
                self._break_if(flag, node)
            if self.builder.is_closed or once.signal == "break":
                break
        frame.loops.pop()
        frame.path = path
        frame.names.pop(_FLAG, None)

    def _execute(self, node: ast.For, items: Sequence[Thing], leaves: frozenset[str]) -> None:
        loop = Loop(self.builder.depth, self.builder.block, node)
        if "break" in leaves:
            self.loops.run(node, _Once(self, node, items, leaves))
        elif leaves:
            self.copy_in_loops(node, items, loop, leaves)
        else:
            self.copy(node, items, loop)

    def _break_if(self, flag: str, node: ast.For) -> None:
        """`if flag: break`, as if it stood in the source."""
        test, jump = ast.Name(flag, ast.Load()), ast.Break()
        statement = ast.If(test, [jump], [])
        for made in (test, jump, statement):
            ast.copy_location(made, node)
        facts = liveness_of(self.lowering.frame.definition)
        facts.after[statement], facts.assigned[statement] = frozenset(), ()
        self.lowering.execute([statement])
        del facts.after[statement], facts.assigned[statement]


class _Once:
    """A loop that runs once: around all copies, or around one that `continue` leaves."""

    surely_runs = True

    def __init__(
        self,
        unrolling: Unrolling,
        node: ast.For,
        items: Sequence[Thing],
        leaves: frozenset[str],
        flag: str | None = None,
    ) -> None:
        self.unrolling = unrolling
        self.node = node
        self.items = items
        self.flag = flag
        self.flags: tuple[str, ...] = () if flag is None else (flag,)
        self.is_inner = flag is not None or "break" not in leaves
        self.leaves = leaves if self.is_inner else frozenset({"break"})
        self.has_inner = not self.is_inner and "continue" in leaves
        self.all_leaves = leaves
        self.signal: str | None = None

    def round(self, state: State) -> Trial:
        """Lower the copies once."""
        unrolling, builder = self.unrolling, self.unrolling.builder
        with builder.inside(scalar(i32), *flatten(state.forms)) as body:
            unrolling.exits.bind_results(iter(body.parameters[1:]), state.carried, state.forms)
            loop = Loop(builder.depth, body, self.node, self.leaves, self.flag)
            if self.has_inner:
                unrolling.copy_in_loops(self.node, self.items, loop, self.all_leaves)
            else:
                unrolling.copy(self.node, self.items, loop)
            self.signal = loop.signal
            if not builder.is_closed:
                loop.exits.append(unrolling.exits.here("end", self.node))
        return Trial(body, loop.exits, loop)

    def build(self, trial: Trial, inits: tuple[ir.Value, ...]) -> ir.Op:
        """The op itself."""
        builder = self.unrolling.builder
        start, stop, step = (constant(builder, number, i32) for number in (0, 1, 1))
        return builder.add(ir.For(start, stop, step, inits, trial.body))


class _LeftAtRunTime(Exception):  # noqa: N818 - a jump of ours, no error
    """A jump under a run-time condition out of copies that stand in no loop to leave."""

    def __init__(self, loop: Loop, kind: str) -> None:
        super().__init__(kind)
        self.loop = loop
        self.kind = kind


_FLAG: Final = "%left"  # no name of the user's: whether lanes or the program left by `break`
