"""Walking and rebuilding functions; what does not change stays the same object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from ..records import record
from .core import Block, Effect, Function, Op, Parameter, Result, Role, Value
from .ops import Break, Continue, If, Inlined, Yield


@record
class Splice:
    """Ops that stand in for one, in order, and its results among their values.

    If the last op leaves the block, what followed is dropped.
    """

    ops: list[Op]
    values: tuple[Value, ...] = ()


Replacement = Value | tuple[Value, ...] | Splice | None


def walk(block: Block) -> Iterator[Op]:
    """Every op of a block and of the blocks inside, in the order of the text."""
    for op in block.ops:
        yield op
        for inner in op.blocks:
            yield from walk(inner)


def loop_ends(body: Block) -> list[Op]:
    """What gives a loop its carried values: the end of its body, and jumps to it."""
    found: list[Op] = [body.terminator] if isinstance(body.terminator, Yield) else []
    pending = [body]
    while pending:
        for op in pending.pop().ops:
            match op:
                case Break() | Continue():
                    found.append(op)
                case If() | Inlined():
                    pending.extend(op.blocks)
                case _:
                    pass
    return found


def uses(block: Block) -> Counter[Value]:
    """How many operands each value is, in a block and the blocks inside."""
    count: Counter[Value] = Counter()
    for op in walk(block):
        count.update(op.operands)
    return count


def free_values(block: Block) -> dict[Value, None]:
    """The values a block uses and does not define, in order of first use."""
    defined: set[Value] = set()
    found: dict[Value, None] = {}
    _collect_free(block, defined, found)
    return found


def rebuild(op: Op, mapping: Mapping[Value, Value], blocks: Mapping[Block, Block]) -> Op:
    """The op with operands and blocks replaced; itself if none of them is."""
    if not mapping and not blocks:
        return op
    changed = False
    fields: list[object] = []
    for name, role in op.fields:
        old = getattr(op, name)
        new = old
        if role is Role.OPERAND:
            new = mapping.get(old, old)
        elif role is Role.OPTIONAL:
            new = old if old is None else mapping.get(old, old)
        elif role is Role.OPERANDS:
            new = tuple([mapping.get(value, value) for value in old])
            if all(a is b for a, b in zip(new, old, strict=True)):
                new = old
        elif role is Role.BLOCK:
            new = blocks.get(old, old)
        changed = changed or new is not old
        fields.append(new)
    if not changed:
        return op
    return copy_origin(op, type(op)(*fields))


def copy_origin(old: Op, new: Op) -> Op:
    """Give `new` the place and names of `old` where it has none of its own."""
    if new.loc is None:
        new.loc = old.loc
    if new.place < 0:
        new.place = old.place
    if len(old.results) == len(new.results):
        for a, b in zip(old.results, new.results, strict=True):
            b.name = b.name or a.name
    return new


def clone(block: Block, mapping: dict[Value, Value]) -> Block:
    """A copy of a region; `mapping` says what outer values become and learns the inner ones."""
    parameters = tuple(Parameter(p.type, p.name) for p in block.parameters)
    mapping.update(zip(block.parameters, parameters, strict=True))
    return Block(parameters, clone_ops(block.ops, mapping))


def clone_ops(ops: list[Op], mapping: dict[Value, Value]) -> list[Op]:
    """Copies of ops in order; `mapping` as in `clone`, block parameters included."""
    copies = []
    for op in ops:
        fields = []
        for name, role in op.fields:
            old = getattr(op, name)
            if role is Role.OPERAND:
                fields.append(mapping.get(old, old))
            elif role is Role.OPTIONAL:
                fields.append(None if old is None else mapping.get(old, old))
            elif role is Role.OPERANDS:
                fields.append(tuple([mapping.get(value, value) for value in old]))
            elif role is Role.BLOCK:
                fields.append(clone(old, mapping))
            else:
                fields.append(old)
        copy = copy_origin(op, type(op)(*fields))
        mapping.update(zip(op.results, copy.results, strict=True))
        copies.append(copy)
    return copies


class Rewriter:
    """Rebuilds a function op by op; a pass overrides `rewrite`.

    A value that `rewrite` returns is placed where the old op stood, with those of its operands that
    stand nowhere yet before it; ops with effects are never created nested.
    """

    def __init__(self) -> None:
        self._mapping: dict[Value, Value] = {}
        self._placed: set[Op] = set()

    def function(self, function: Function) -> Function:
        """Rewrite until nothing changes; the same object if nothing does."""
        while True:
            self._mapping, self._placed = {}, set()
            body = self.block(function.body)
            if body is function.body:
                return function
            function = function.with_body(body)

    def rewrite(self, op: Op) -> Replacement:
        """What stands in for an op: itself, a value, several results, a `Splice`, None to drop."""
        return op

    def block(self, block: Block) -> Block:
        """Rewrite a block; the same object if nothing changes."""
        changed = False
        ops: list[Op] = []
        for op in block.ops:
            inner = _NO_BLOCKS
            if op.effect is Effect.REGION:
                inner = {old: self.block(old) for old in op.blocks}
            current = rebuild(op, self._mapping, inner)
            replacement = self.rewrite(current)
            changed = changed or replacement is not op
            if replacement is None:
                continue
            if isinstance(replacement, Splice):
                ops.extend(replacement.ops)
                self._placed.update(replacement.ops)
                self._mapping.update(zip(op.results, replacement.values, strict=False))
                if ops and ops[-1].effect is Effect.LEAVE:
                    break
                continue
            values = replacement if isinstance(replacement, tuple) else (replacement,)
            for value in values:
                self._place(value, current, ops)
            results = current.results if replacement is current else _flatten(replacement)
            self._mapping.update(
                (a, b) for a, b in zip(op.results, results, strict=True) if a is not b
            )
        return Block(block.parameters, ops) if changed else block

    def _place(self, value: Value, old: Op, ops: list[Op]) -> None:
        op = value.op if isinstance(value, Result) else value
        if not isinstance(op, Op) or op in self._placed:
            return
        for operand in op.operands:
            self._place(operand, old, ops)
        copy_origin(old, op)
        self._placed.add(op)
        ops.append(op)


_NO_BLOCKS: Final[dict[Block, Block]] = {}


def _flatten(replacement: Value | tuple[Value, ...]) -> tuple[Value, ...]:
    if isinstance(replacement, tuple):
        return replacement
    return replacement.results if isinstance(replacement, Op) else (replacement,)


def _collect_free(block: Block, defined: set[Value], found: dict[Value, None]) -> None:
    defined.update(block.parameters)
    for op in block.ops:
        for value in op.operands:
            if value not in defined:
                found.setdefault(value)
        for inner in op.blocks:
            _collect_free(inner, defined, found)
        defined.update(op.results)
