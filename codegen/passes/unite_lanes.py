"""Run constructs of lanes whose tiles have no common shape for all lanes together.

Lanes go through a region vector by vector, in a loop over the shape that all its tiles broadcast
to. Where some do not, as (63,) and (64,) under a condition of shape (1,), the region becomes
control flow over whole tiles, entered as long as some lane is on. Needs the flat form: what a mask
must govern has one by now.

    %1: f32<7>, %2: f32<8> = if %c, lanes=true then {
      yield [%x, %y]
    } orelse {
      yield [%0, %3]
    }

with a condition `%c: bool_<1>` becomes

    %4: bool_ = reduce.or %c, (0)
    %1: f32<7>, %2: f32<8> = if %4 then {
      %5: bool_<7> = broadcast %c, (7)
      %6: f32<7> = select %5, %x, %0
      %7: bool_<8> = broadcast %c, (8)
      %8: f32<8> = select %7, %y, %3
      yield [%6, %8]
    } orelse {
      yield [%0, %3]
    }
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from tilewright.dsl import ir
from tilewright.dsl.types import broadcast_shapes

from ..analysis.lanewise import common_space


def unite_lanes(function: ir.Function) -> ir.Function:
    """Unite the lanes of all constructs that need it; the same function if none does."""
    return _Uniter().function(function)


def unite_lanes_of_atomics(function: ir.Function) -> ir.Function:
    """The same, and constructs with an atomic of less shape than their lanes: for machines on which
    lanes do not know of each other which of them is to do it.
    """
    return _Uniter(atomics=True).function(function)


class _Uniter(ir.Rewriter):
    """Rebuilds constructs of lanes as scalar ones."""

    def __init__(self, atomics: bool = False) -> None:
        super().__init__()
        self.atomics = atomics

    def rewrite(self, op: ir.Op) -> ir.Op | ir.Splice:
        """The construct as control flow over whole tiles, if it needs it."""
        match op:
            case ir.If(lanes=True) | ir.While(lanes=True) if self._is_apart(op) and not _prints(op):
                return _united_if(op) if isinstance(op, ir.If) else _united_while(op)
        return op

    def _is_apart(self, op: ir.Op) -> bool:
        space = common_space(op)
        return not space or (self.atomics and _has_narrower_atomic(op, space))


def _has_narrower_atomic(op: ir.Op, space: tuple[int, ...]) -> bool:
    return any(
        isinstance(inner, ir.Atomic | ir.AtomicPointer)
        and inner.tile.shape != ()
        and inner.tile.size < prod(space)
        for block in op.blocks
        for inner in ir.walk(block)
    )


def _prints(op: ir.Op) -> bool:
    """Whether a region prints: which lanes do is known by its condition alone."""
    return any(isinstance(inner, ir.Print) for block in op.blocks for inner in ir.walk(block))


def _united_if(op: ir.If) -> ir.Splice:
    """Its `orelse` only yields, so what that gives is there for the lanes that are off."""
    kept = op.orelse.terminator
    some = _some(op.condition)
    then = _chosen(op.then, op.condition, kept.operands)
    united = ir.copy_origin(op, ir.If(some, then, op.orelse))
    return ir.Splice([ir.copy_origin(op, some), united], united.results)


def _united_while(op: ir.While) -> ir.Splice:
    """The last of what it carries is the mask of the lanes still in it."""
    some = _some(op.condition.parameters[-1])
    condition = ir.Block(op.condition.parameters, [some, ir.Yield((some,))])
    body = _chosen(op.body, op.body.parameters[-1], op.body.parameters)
    united = ir.copy_origin(op, ir.While(op.inits, condition, body))
    return ir.Splice([united], united.results)


def _some(mask: ir.Value) -> ir.Reduce:
    return ir.Reduce("or", mask, tuple(range(mask.tile.rank)))


def _chosen(block: ir.Block, mask: ir.Value, kept: Sequence[ir.Value]) -> ir.Block:
    """A block that yields what it did for the lanes of a mask, and what is kept for the others.

    Scalars are the same for all lanes.
    """
    *ops, end = block.ops
    b = ir.Builder()
    chosen: list[ir.Value] = []
    for new, old in zip(end.operands, kept, strict=True):
        if new.tile.shape:
            assert broadcast_shapes(mask.tile.shape, new.tile.shape) == new.tile.shape
            wide = mask
            if wide.tile.shape != new.tile.shape:
                wide = b.add(ir.Broadcast(mask, new.tile.shape))
            chosen.append(b.add(ir.Select(wide, new, old)))
        else:
            chosen.append(new)
    made = [ir.copy_origin(end, op) for op in b.block.ops]
    return ir.Block(block.parameters, [*ops, *made, ir.copy_origin(end, ir.Yield(tuple(chosen)))])
