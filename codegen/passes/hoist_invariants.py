"""Move what every round of a loop computes alike in front of the loop.

Pure ops whose operands come from outside move. So do loads from arrays, if nothing in the loop may
write what they read: they check their bounds, so reading before a loop that never runs does no
harm. In debug mode what can fault stays: loads, integer division.

    for %0, %n, %1, [] body(%2: i32) {
      %3: f32 = binary.mul %a, %b
      store %x, [%2], %3
      yield
    }

becomes

    %2: f32 = binary.mul %a, %b
    for %0, %n, %1, [] body(%3: i32) {
      store %x, [%3], %2
      yield
    }
"""

from __future__ import annotations

from tilewright.dsl import ir

from ..analysis.memory import may_alias


def hoist_invariants(function: ir.Function) -> ir.Function:
    """Hoist out of all loops; the same function if there is nothing to hoist."""
    return function.with_body(_Hoister(function).block(function.body))


class _Hoister:
    """Rebuilds blocks; inner loops first, so that what leaves them may leave the outer ones too."""

    def __init__(self, function: ir.Function) -> None:
        self.function = function
        self.is_debug = bool(function.options & {"debug", "strict"})
        self.mapping: dict[ir.Value, ir.Value] = {}

    def block(self, block: ir.Block) -> ir.Block:
        changed = False
        ops: list[ir.Op] = []
        for op in block.ops:
            blocks = {}
            if op.effect is ir.Effect.REGION:
                blocks = {inner: self.block(inner) for inner in op.blocks}
            current = ir.rebuild(op, self.mapping, blocks)
            match current:
                case ir.For() | ir.While():
                    hoisted, current = self.loop(current)
                    ops.extend(hoisted)
                case _:
                    pass
            if current is not op:
                changed = True
                self.mapping.update(zip(op.results, current.results, strict=True))
            ops.append(current)
        return ir.Block(block.parameters, ops) if changed else block

    def loop(self, loop: ir.For | ir.While) -> tuple[list[ir.Op], ir.Op]:
        """What can stand before a loop, and the loop without it."""
        inside: set[ir.Value] = set()
        writes: list[ir.Op] = []
        for block in loop.blocks:
            inside.update(block.parameters)
            for op in ir.walk(block):
                inside.update(op.results)
                for inner in op.blocks:
                    inside.update(inner.parameters)
                if op.effect is ir.Effect.WRITE:
                    writes.append(op)
        hoisted: list[ir.Op] = []
        blocks = {}
        for block in loop.blocks:
            rest = []
            for op in block.ops:
                if self.may_move(op, writes) and inside.isdisjoint(op.operands):
                    inside.difference_update(op.results)
                    hoisted.append(op)
                else:
                    rest.append(op)
            if len(rest) < len(block.ops):
                blocks[block] = ir.Block(block.parameters, rest)
        return hoisted, ir.rebuild(loop, {}, blocks)

    def may_move(self, op: ir.Op, writes: list[ir.Op]) -> bool:
        """Whether an op does no harm where it was not reached, and gives the same there."""
        match op:
            case ir.Load():
                return not self.is_debug and not any(
                    may_alias(op, write, self.function) for write in writes
                )
            case ir.Binary("floordiv" | "mod") if op.tile.dtype.is_integer:
                return not self.is_debug
            case _:
                return op.effect is ir.Effect.PURE
