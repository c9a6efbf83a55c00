"""Which arguments a pointer may point into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tilewright.dsl import ir

from .memory import is_memory


class Origins:
    """Where the pointers of a function come from."""

    def __init__(self, function: ir.Function) -> None:
        self._parameters = function.parameters
        self._sources: dict[ir.Value, list[ir.Value]] = {}
        for op in ir.walk(function.body):
            for value, source in _flows(op):
                if is_memory(value):
                    self._sources.setdefault(value, []).append(source)

    def of(self, pointer: ir.Value) -> tuple[ir.Parameter, ...]:
        """The parameters whose memory a pointer may lead to, in their order."""
        seen = {pointer}
        pending = [pointer]
        while pending:
            for source in self._sources.get(pending.pop(), ()):
                if source not in seen:
                    seen.add(source)
                    pending.append(source)
        return tuple(parameter for parameter in self._parameters if parameter in seen)


def _flows(op: ir.Op) -> Iterator[tuple[ir.Value, ir.Value]]:
    """Pairs of values: the first may be the second."""
    match op:
        case ir.For(inits=inits, body=body):
            ends = [inits, *(jump.operands for jump in ir.loop_ends(body))]
            yield from _pairs((op.results, body.parameters[1:]), ends)
        case ir.While(inits=inits, condition=condition, body=body):
            ends = [inits, *(jump.operands for jump in ir.loop_ends(body))]
            yield from _pairs((op.results, condition.parameters, body.parameters), ends)
        case ir.If(then=then, orelse=orelse):
            sides = (then.terminator, orelse.terminator)
            yield from _pairs([op.results], [s.operands for s in sides if isinstance(s, ir.Yield)])
        case ir.Inlined(body=body):
            ends = [x.operands for x in ir.walk(body) if isinstance(x, ir.Return)]
            yield from _pairs([op.results], [*ends, body.terminator.operands])
        case _:
            yield from ((value, x) for value in op.results for x in op.operands if is_memory(x))


def _pairs(
    values: Iterable[Sequence[ir.Value]], sources: Sequence[Sequence[ir.Value]]
) -> Iterator[tuple[ir.Value, ir.Value]]:
    for one in values:
        for source in sources:
            yield from zip(one, source, strict=False)
