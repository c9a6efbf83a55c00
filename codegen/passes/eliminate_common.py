"""Compute once what is computed twice.

Of two pure ops with the same fields and operands, the second becomes the first, if the first stands
in the same block or one around it. Loads likewise, if no write between them may touch what they
read.

    %1: f32 = load %x, [%0]
    %2: f32 = load %x, [%0]
    %3: f32 = binary.add %1, %2

becomes

    %1: f32 = load %x, [%0]
    %2: f32 = binary.add %1, %1
"""

from __future__ import annotations

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype, Tile

from ..analysis.memory import may_alias

Key = tuple[object, ...]


def eliminate_common(function: ir.Function) -> ir.Function:
    """Merge equal ops; the same function if there are none."""
    return function.with_body(_Merger(function).block(function.body))


class _Merger:
    """What has been computed in the blocks around the one being read."""

    def __init__(self, function: ir.Function) -> None:
        self.function = function
        self.mapping: dict[ir.Value, ir.Value] = {}
        self.known: dict[Key, ir.Op] = {}
        self.loads: dict[Key, ir.Op] = {}

    def block(self, block: ir.Block) -> ir.Block:
        changed = False
        added: list[Key] = []
        ops: list[ir.Op] = []
        for op in block.ops:
            current = self.region(op) if op.effect is ir.Effect.REGION else op
            current = ir.rebuild(current, self.mapping, {})
            found = self.find(current, added)
            if found is not op:
                changed = True
                self.mapping.update(zip(op.results, found.results, strict=True))
            if found is current:
                ops.append(current)
        for key in added:
            del self.known[key]
        return ir.Block(block.parameters, ops) if changed else block

    def find(self, op: ir.Op, added: list[Key]) -> ir.Op:
        """The op that already computes this one, else itself, remembered."""
        match op.effect:
            case ir.Effect.PURE:
                key = key_of(op)
                found = self.known.get(key)
                if found is None:
                    self.known[key] = op
                    added.append(key)
                    return op
                return found
            case ir.Effect.READ:
                return self.loads.setdefault(key_of(op), op)
            case ir.Effect.WRITE:
                self.forget(op)
            case _:
                pass
        return op

    def region(self, op: ir.Op) -> ir.Op:
        """An op with its blocks merged; loads from inside are not seen behind it."""
        writes = [inner for block in op.blocks for inner in ir.walk(block) if _writes(inner)]
        if isinstance(op, (ir.For, ir.While)):  # a round may read what the one before has written
            for write in writes:
                self.forget(write)
        before = self.loads
        blocks = {}
        for block in op.blocks:
            self.loads = dict(before)
            merged = self.block(block)
            if merged is not block:
                blocks[block] = merged
        self.loads = before
        for write in writes:
            self.forget(write)
        return ir.rebuild(op, {}, blocks) if blocks else op

    def forget(self, write: ir.Op) -> None:
        """Drop the loads whose memory a write may touch."""
        for key, load in list(self.loads.items()):
            if may_alias(load, write, self.function):
                del self.loads[key]


def key_of(op: ir.Op) -> Key:
    """Equal for ops that compute the same; ops with equal fields and the very same operands."""
    parts: list[object] = [op.opname]
    for name, role in op.fields:
        value = getattr(op, name)
        parts.append(_attribute(value) if role is ir.Role.ATTRIBUTE else value)
    return tuple(parts)


def _attribute(value: object) -> object:
    """Attributes as keys: 0.0 is not -0.0, 1 is not True, NaN is NaN."""
    match value:
        case Tile(dtype, shape):
            return (dtype.name, shape)
        case Dtype(name):
            return name
        case bool() | float():
            return repr(value)
        case _:
            return value


def _writes(op: ir.Op) -> bool:
    return op.effect is ir.Effect.WRITE
