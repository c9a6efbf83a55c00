"""Checks a plan: every buffer is written before it is read, and not overwritten in between.

Buffers share the arena: writing one ends the life of all that overlap it. What a branch or a loop
that may not run leaves behind counts only if it is there on every way.
"""

from __future__ import annotations

from collections.abc import Iterable

from tilewright.dsl import ir

from ..planning.steps import (
    ArgFold,
    Branch,
    Buffer,
    Fold,
    Keep,
    Leave,
    Pick,
    Repeat,
    RepeatWhile,
    Running,
    Sequential,
    Show,
    Sink,
    Splice,
    Step,
    View,
)
from .steps import (
    Arrange,
    Borrow,
    Count,
    Interleave,
    Loop,
    Memoize,
    Multiply,
)

Alive = frozenset[Buffer]


def find_faults(steps: tuple[Step, ...]) -> list[str]:
    """What is wrong with a plan; nothing if it holds."""
    checker = _Checker()
    checker.block(steps, frozenset())
    return list(dict.fromkeys(checker.faults))


class _Checker:
    """Follows control flow with the buffers that hold something; None is a place never reached."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.exits: list[list[Alive]] = []  # of the inlined functions around
        self.ends: list[list[Alive]] = []  # of the loops around

    def block(self, steps: tuple[Step, ...], alive: Alive | None) -> Alive | None:
        """What holds something after some steps."""
        for step in steps:
            if alive is None:
                return None
            alive = self._step(step, alive)
        return alive

    def _step(self, step: Step, alive: Alive) -> Alive | None:
        match step:
            case Loop():
                return self._loop(step, alive)
            case Multiply(out=out, clear=clear):
                operands = [view for one in step.products for view in (one.a, one.b)]
                self._read(operands if clear else [*operands, out], alive, "multiply")
                return _written(alive, (out,))
            case Interleave(_, source, target):
                self._read((source,), alive, "interleave")
                return _written(alive, (target,))
            case Memoize(body=body) | Borrow(body=body):
                return self.block(body, alive)  # or the slot, or an array, holds just that
            case Sequential(op, sources, views, body):
                self._read(sources, alive, op.opname)
                return _written(self.block(body, alive) or alive, views)
            case Arrange(op, source, view, work):
                self._read((source,), alive, op.opname)
                return _written(alive, (*(View(buffer, 0, ()) for buffer in work), view))
            case Count(op, source, view, buffer):
                self._read((source,), alive, op.opname)
                return _written(alive, (View(buffer, 0, ()), view))
            case Pick(op, source):
                self._read((source,), alive, op.opname)
                return alive
            case Show(op, sources, area):
                self._read(sources, alive, op.opname)
                return _written(alive, (View(area, 0, ()),))
            case Branch(_, then, orelse):
                return _meet(self.block(then, alive), self.block(orelse, alive))
            case Repeat(_, body):
                return self._repeat((), body, alive)
            case RepeatWhile(_, condition, body):
                return self._repeat(condition, body, alive)
            case Splice(_, body):
                self.exits.append([])
                last = self.block(body, alive)
                return _meet(last, *self.exits.pop())
            case Leave(op):
                return self._leave(op, alive)
            case _:
                return alive

    def _leave(self, op: ir.Op, alive: Alive) -> Alive | None:
        match op:
            case ir.Yield():
                return alive
            case ir.Break() | ir.Continue():
                self.ends[-1].append(alive)
            case _ if self.exits:
                self.exits[-1].append(alive)
        return None

    def _repeat(
        self, condition: tuple[Step, ...], body: tuple[Step, ...], alive: Alive
    ) -> Alive | None:
        """A loop: what holds at its head holds before it and at the end of each round."""
        while True:
            self.ends.append([])
            head = self.block(condition, alive)
            last = self.block(body, head)
            after = _meet(head, last, *self.ends.pop())
            again = _meet(alive, after)
            if after is None or again is None or again == alive:
                return after
            alive = again

    def _loop(self, loop: Loop, alive: Alive) -> Alive:
        made = {sink.view for sink in loop.sinks if isinstance(sink, Keep)}
        read = [view for view in loop.reads.values() if view not in made]
        self._read(read, alive, f"loop {loop.space}")
        return _written(alive, [view for sink in loop.sinks for view in _targets(sink)])

    def _read(self, views: Iterable[View | None], alive: Alive, who: str) -> None:
        for view in views:
            if view is not None and view.buffer not in alive:
                self.faults.append(f"{who} reads {view}, which holds nothing then")


def _targets(sink: Sink) -> tuple[View | None, ...]:
    match sink:
        case Keep(view=view) | Fold(view=view) | Running(view=view):
            return (view,)
        case ArgFold(views=views):
            return views
        case _:
            return ()


def _written(alive: Alive, views: Iterable[View | None]) -> Alive:
    """What holds something after writing to some views."""
    fresh = {view.buffer for view in views if view is not None}
    kept = {old for old in alive if not any(_overlap(old, new) for new in fresh)}
    return frozenset(kept | fresh)


def _overlap(a: Buffer, b: Buffer) -> bool:
    return a.offset < b.end and b.offset < a.end


def _meet(*ways: Alive | None) -> Alive | None:
    """What holds something on every way that is taken."""
    taken = [way for way in ways if way is not None]
    return frozenset.intersection(*taken) if taken else None
