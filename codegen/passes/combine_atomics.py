"""Combine what one atomic after another would bring to the same element.

Where all of a tile goes to one element of an array, nobody asks for the old values, and it does not
matter in which order, one atomic brings the sum or the extreme. That holds for integers and
`bool_`, not for sums of floats, which round. Needs the flat form; loops that lanes leave one by one
stay as they are.

    %1: i32<8> = atomic.add %x, [%0], [%v], mask=%m

becomes

    %1: i32<8> = const 0
    %2: i32<8> = select %m, %v, %1
    %3: i32 = reduce.sum %2, (0)
    %4: bool_ = reduce.or %m, (0)
    %5: i32 = atomic.add %x, [%0], [%3], mask=%4
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype

from .fold import normal

# What combines the values of an atomic, for integers and for `bool_`.
_OF_INTEGERS: Final = {"add": "sum", "max": "max", "min": "min"}
_OF_BOOLEANS: Final = {"add": "or", "max": "or", "or": "or", "min": "and", "and": "and"}


def combine_atomics(function: ir.Function) -> ir.Function:
    """Combine within all atomics that allow it; the same function if none does."""
    used = ir.uses(function.body)
    found = [
        op
        for op in _outside_lanes(function.body)
        if op not in used and op.order == "relaxed" and _kind(op) is not None
    ]
    return _Combiner(frozenset(found)).function(function) if found else function


class _Combiner(ir.Rewriter):
    """Replaces some atomics."""

    def __init__(self, found: frozenset[ir.Op]) -> None:
        super().__init__()
        self.found = found

    def rewrite(self, op: ir.Op) -> ir.Op | ir.Splice:
        if op not in self.found or not isinstance(op, ir.Atomic):
            return op
        kind = _kind(op)
        assert kind is not None
        b = ir.Builder()
        (value,), mask, axes = op.values, op.mask, tuple(range(op.tile.rank))
        if mask is not None:
            neutral = b.add(ir.Const(normal(_neutral(kind, op.tile.dtype), op.tile.dtype), op.tile))
            value = b.add(ir.Select(mask, value, neutral))
            mask = b.add(ir.Reduce("or", mask, axes))
        total = b.add(ir.Reduce(kind, value, axes))
        b.add(ir.Atomic(op.kind, op.source, op.position, (total,), mask, op.order, op.block_axes))
        return ir.Splice([ir.copy_origin(op, made) for made in b.block.ops])


def _outside_lanes(block: ir.Block) -> Iterator[ir.Atomic]:
    """The atomics of a block, but for those that lanes come to one by one."""
    for op in block.ops:
        match op:
            case ir.Atomic():
                yield op
            case ir.If(lanes=True) | ir.While(lanes=True):
                continue
        for inner in op.blocks:
            yield from _outside_lanes(inner)


def _kind(op: ir.Atomic) -> str | None:
    """The reduction that combines the values of an atomic; None if none does."""
    dtype = op.tile.dtype
    if dtype.is_float or not op.tile.shape or any(x.tile.shape for x in op.position):
        return None
    return (_OF_BOOLEANS if dtype.is_bool else _OF_INTEGERS).get(op.kind)


def _neutral(kind: str, dtype: Dtype) -> int:
    """What changes nothing when it is combined with."""
    if dtype.is_bool:
        return int(kind == "and")
    if kind == "sum":
        return 0
    least = -(1 << (dtype.bits - 1)) if dtype.is_signed else 0
    return least if kind == "max" else least + (1 << dtype.bits) - 1
