"""Places barriers: where a thread may meet what another thread wrote, or may overwrite it.

Steps run in order in each thread, so a barrier is needed only between two steps that touch one
place, at least one of them writing it. Tiles in registers belong to one thread each. In loops the
end of a round meets the beginning of the next, a `break` meets what stands behind the loop; and a
loop that may have no rounds is no barrier, whatever its body has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.records import field, record, replace

from ..analysis.memory import may_alias, memory_of, orders_memory
from ..planning.steps import (
    ArgFold,
    Branch,
    Buffer,
    Compute,
    Fold,
    Leave,
    Repeat,
    RepeatWhile,
    Splice,
    Step,
    View,
    itemsize_of,
)
from .folds import brings
from .steps import (
    Arrange,
    Barrier,
    Combine,
    Count,
    Layout,
    Loop,
    Multiply,
    Place,
    Registers,
    Ring,
    Shared,
    views_read,
    views_written,
)

Span = tuple[str, int, int]  # which memory, and from which byte to which
_NONE: Final[frozenset[ir.Value]] = frozenset()


@record(frozen=False, eq=False)
class _Pending:
    """What was touched since the last barrier; by ops, the values that have changed since."""

    read: set[Span] = field(default_factory=set)
    written: set[Span] = field(default_factory=set)
    ops: dict[ir.Op, frozenset[ir.Value]] = field(default_factory=dict)

    def add(self, other: _Pending, changed: frozenset[ir.Value] = _NONE) -> None:
        """Note what happened on another way to the same point, or a round ago."""
        self.read |= other.read
        self.written |= other.written
        for op, values in other.ops.items():
            self.note(op, values | changed)

    def note(self, op: ir.Op, changed: frozenset[ir.Value] = _NONE) -> None:
        """Note an access, for which these values may have been others."""
        self.ops[op] = self.ops.get(op, _NONE) | changed

    def copy(self) -> _Pending:
        """The same, to go on from."""
        return _Pending(set(self.read), set(self.written), dict(self.ops))

    def clear(self) -> None:
        """Forget: there was a barrier."""
        self.read, self.written, self.ops = set(), set(), {}


@record(frozen=False, eq=False)
class _Exits:
    """What was touched where a round of a loop ended early, and where the loop did."""

    rounds: _Pending = field(default_factory=_Pending)
    loop: _Pending = field(default_factory=_Pending)


def place_barriers(
    function: ir.Function,
    steps: tuple[Step, ...],
    places: Mapping[Buffer, Place],
    layouts: Mapping[Loop, Layout],
    meetings: Mapping[Loop, int],
) -> tuple[Step, ...]:
    """The same steps with barriers between them; `meetings`: where the warps of loops meet."""
    return _Placer(function, places, layouts, meetings).block(steps, _Pending())


class _Placer:
    def __init__(
        self,
        function: ir.Function,
        places: Mapping[Buffer, Place],
        layouts: Mapping[Loop, Layout],
        meetings: Mapping[Loop, int],
    ) -> None:
        self.function = function
        self.places = places
        self.layouts = layouts
        self.meetings = meetings
        self._exits: list[_Exits] = []  # of the loops around
        self._returns: list[_Pending] = []  # of the functions around that return early

    def block(self, steps: tuple[Step, ...], pending: _Pending) -> tuple[Step, ...]:
        """Steps with barriers; `pending` becomes what is not waited for at their end."""
        found: list[Step] = []
        for step in steps:
            if self._meets(step, pending):
                found.append(Barrier(isinstance(step, Multiply) and step.by_group))
                pending.clear()
            found.append(self._inside(step, pending))
            if _ends_in_barrier(step):
                pending.clear()
            else:
                self._note(step, pending)
        return tuple(found)

    def _inside(self, step: Step, pending: _Pending) -> Step:
        """A step with barriers in its blocks."""
        match step:
            case Branch(then=then, orelse=orelse):
                other = pending.copy()
                step = replace(
                    step, then=self.block(then, pending), orelse=self.block(orelse, other)
                )
                pending.add(other)
            case Repeat(body=body):
                _, body = self._rounds(step, (), body, pending)
                step = replace(step, body=body)
            case RepeatWhile(condition=condition, body=body):
                condition, body = self._rounds(step, condition, body, pending)
                step = replace(step, condition=condition, body=body)
            case Ring(op, body=body):  # each of its rounds begins with a barrier
                round_ = _Pending()
                step = replace(step, body=self.block(body, round_))
                if _has_rounds(op):
                    pending.clear()
                pending.add(round_)
            case Splice(body=body):
                self._returns.append(_Pending())
                step = replace(step, body=self.block(body, pending))
                pending.add(self._returns.pop())
            case Leave(op):
                self._leave(op, pending)
            case _:
                pass
        return step

    def _rounds(
        self,
        step: Repeat | RepeatWhile,
        condition: tuple[Step, ...],
        body: tuple[Step, ...],
        pending: _Pending,
    ) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
        """The blocks of a loop, which begins with what is pending before it or after any round."""
        self._exits.append(_Exits())
        round_ = pending.copy()
        self.block((*condition, *body), round_)
        changed = _values_of(step.op)
        pending.add(round_, changed)
        pending.add(self._exits.pop().rounds, changed)

        self._exits.append(_Exits())
        condition = self.block(condition, pending)
        left = pending.copy()  # where the loop ends if there is no round more
        body = self.block(body, pending)
        exits = self._exits.pop()
        if isinstance(step, Repeat) and _has_rounds(step.op):
            pending.add(exits.rounds)
        else:
            pending.clear()
            pending.add(left)
        pending.add(exits.loop)
        return condition, body

    def _leave(self, op: ir.Op, pending: _Pending) -> None:
        """What is pending goes where the op leads to; what stands behind it is not reached."""
        match op:
            case ir.Continue():
                self._exits[-1].rounds.add(pending)
            case ir.Break():
                self._exits[-1].loop.add(pending)
            case ir.Return():
                if self._returns:
                    self._returns[-1].add(pending)
            case _:
                return
        pending.clear()

    def _meets(self, step: Step, pending: _Pending) -> bool:
        read, written = self._spans(views_read(step)), self._spans(views_written(step))
        written |= self._meeting(step)
        if _overlap(read | written, pending.written) or _overlap(written, pending.read):
            return True
        return any(
            orders_memory(op) or may_alias(op, other, self.function, changed)
            for op in _accesses(step)
            for other, changed in pending.ops.items()
        )

    def _meeting(self, step: Step) -> set[Span]:
        place = self.meetings.get(step) if isinstance(step, Loop) else None
        return set() if place is None else {("meeting", place, place + 1)}

    def _note(self, step: Step, pending: _Pending) -> None:
        """A loop that reduces ends in reading what all threads brought: behind a barrier."""
        if isinstance(step, Loop) and (step in self.meetings or brings(step, self.layouts[step])):
            pending.clear()
            kept = [sink for sink in step.sinks if isinstance(sink, Fold | ArgFold)]
            views = [v for s in kept for v in ((s.view,) if isinstance(s, Fold) else s.views)]
            pending.written |= self._spans(view for view in views if view is not None)
            pending.read |= self._meeting(step)
            return
        pending.read |= self._spans(views_read(step))
        pending.written |= self._spans(views_written(step))
        for op in _accesses(step):
            pending.note(op)

    def _spans(self, views: Iterable[View]) -> set[Span]:
        found = set()
        for view in views:
            place = self.places[view.buffer]
            size = view.buffer.size * itemsize_of(view.buffer.dtype)
            match place:
                case Registers():
                    continue
                case Shared(offset):
                    found.add(("shared", offset, offset + size))
                case _:
                    found.add(("scratch", place.offset, place.offset + size))
        return found


def _overlap(one: set[Span], other: set[Span]) -> bool:
    return any(a[0] == b[0] and a[1] < b[2] and b[1] < a[2] for a in one for b in other)


def _values_of(loop: ir.For | ir.While) -> frozenset[ir.Value]:
    """What each round of a loop computes anew."""
    inside = [op for block in loop.blocks for op in ir.walk(block)]
    blocks = [*loop.blocks, *(block for op in inside for block in op.blocks)]
    found = [value for block in blocks for value in block.parameters]
    return frozenset([*found, *(value for op in inside for value in op.results)])


def _has_rounds(op: ir.For) -> bool:
    """Whether a loop surely has one."""
    match op.start, op.stop, op.step:
        case ir.Const(start), ir.Const(stop), ir.Const(step):
            return len(range(int(start), int(stop), int(step) or 1)) > 0
    return False


def _ends_in_barrier(step: Step) -> bool:
    """Whether a step leaves nothing to wait for."""
    return isinstance(step, Combine | Arrange | Count)


def _accesses(step: Step) -> tuple[ir.Op, ...]:
    """The ops of a step that touch memory of the caller's."""
    match step:
        case Loop(accesses=accesses):
            return accesses
        case Compute(op) if memory_of(op) is not None:
            return (op,)
        case _:
            return ()
