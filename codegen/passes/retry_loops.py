"""Run loops that sum up reciprocal roots without testing them, and again where that failed.

The quick formula for `rsqrt` is wrong for zero, infinity, subnormal and negative numbers, but never
finite there, and a sum that is not finite once stays so. Where all that a loop does is to carry
such sums, each lane for itself, no round tests anything; the lanes whose sums are not finite then
run the loop again:

    %2: f32<64> = for %0, %1, %one, [%init] body(%3: index, %4: f32<64>) {
      ...
      %6: f32<64> = unary.rsqrt %5
      %7: f32<64> = fma %6, %5, %4
      yield [%7]
    }

becomes

    %2: f32<64> = for ... { ... what stands for rsqrt without its tests ... }
    %8: bool_<64> = unary.isfinite %2
    %9: bool_<64> = unary.not %8
    %10: f32<64> = if %9, lanes=true then {
      %11: f32<64> = for ... { as it was }
      yield [%11]
    } orelse {
      yield [%2]
    }
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from tilewright.dsl import ir
from tilewright.dsl.types import Tile, broadcast_shapes, f32

from ..analysis.lanewise import is_lanewise
from .formula import Term
from .math.power import quick_rsqrt


def retry_loops(function: ir.Function) -> ir.Function:
    """Write such loops twice; the same function if there are none."""
    return function.with_body(_Retrier().block(function.body))


def is_second_try(op: ir.Op) -> bool:
    """Whether an op runs a loop for the lanes where a quick one failed, as few will."""
    match op:
        case ir.If(then=then, orelse=ir.Block(ops=[ir.Yield(values)]), lanes=True) if values:
            quick = values[0].op if isinstance(values[0], ir.Result) else values[0]
            return isinstance(quick, ir.For) and isinstance(then.ops[0], ir.For)
        case _:
            return False


class _Retrier:
    """Rebuilds blocks with a quick loop, and the loop again, in place of each that carries sums."""

    def __init__(self) -> None:
        self.mapping: dict[ir.Value, ir.Value] = {}
        self.seconds: set[ir.Op] = set()

    def block(self, block: ir.Block) -> ir.Block:
        """A block with its loops; the same object if none of them is written twice."""
        ops: list[ir.Op] = []
        changed = False
        for op in block.ops:
            if is_second_try(op):
                self.seconds.update(inner for inner in op.blocks[0].ops)
            inner = {old: self.block(old) for old in op.blocks}
            current = ir.rebuild(op, self.mapping, inner)
            made = [current]
            match current:
                case ir.For() if op not in self.seconds and _only_carries_sums(current):
                    roots = _roots(current.body)
                    made = _twice(current, roots) if roots else made
                case _:
                    pass
            if made[-1] is not op:
                changed = True
                self.mapping.update(zip(op.results, made[-1].results, strict=True))
            ops += made
        return ir.Block(block.parameters, ops) if changed else block


def _only_carries_sums(loop: ir.For) -> bool:
    """Whether a loop has no effect but its results, floats that are tiles of one shape, to each
    lane of which only this lane contributes.
    """
    carried = {value.tile.shape for value in loop.inits}
    ops = loop.body.ops[:-1]
    values = [value for op in ops for value in (*op.operands, *op.results)]
    shapes = [value.tile.shape for value in values if isinstance(value.type, Tile)]
    return (
        len(carried) == 1
        and () not in carried
        and broadcast_shapes(*carried, *shapes) in carried
        and all(value.tile.dtype.is_float for value in loop.inits)
        and all(op.effect in (ir.Effect.PURE, ir.Effect.READ) for op in ops)
        and all(map(is_lanewise, ops))
        and isinstance(loop.body.terminator, ir.Yield)
    )


def _roots(body: ir.Block) -> dict[ir.Op, list[int]]:
    """The reciprocal roots that spoil sums, with the numbers of these sums."""
    found = {}
    for op in body.ops:
        match op:
            case ir.Unary("rsqrt", x) if x.tile.dtype is f32 and x.tile.shape:
                found[op] = _sums_of(op, body)
            case _:
                pass
    return {root: sums for root, sums in found.items() if sums}


def _sums_of(root: ir.Value, body: ir.Block) -> list[int]:
    """The carried values that are not finite, and stay so, once a value of the body is not."""
    rounds = zip(body.parameters[1:], body.terminator.operands, strict=True)
    return [k for k, (before, after) in enumerate(rounds) if {root, before} <= _spoiling(after)]


def _spoiling(value: ir.Value) -> set[ir.Value]:
    """The values of which an element that is not finite leaves that of `value` not finite."""
    found = {value}
    pending = [value]
    while pending:
        match pending.pop():
            case ir.Binary("add" | "sub" | "mul") | ir.Fma() | ir.Unary("neg" | "abs") as op:
                new = [x for x in op.operands if x not in found]
                found.update(new)
                pending += new
            case _:
                pass
    return found


def _twice(loop: ir.For, roots: Mapping[ir.Op, list[int]]) -> list[ir.Op]:
    """The quick loop, and the loop itself for the lanes where that failed."""
    b = ir.Builder()
    b.location = loop.loc
    quick = b.add(_quick(loop, roots))
    tested: set[int] = set()  # a sum for each root
    for sums in roots.values():
        if tested.isdisjoint(sums):
            tested.add(sums[0])
    finite: list[ir.Op] = [b.add(ir.Unary("isfinite", quick.results[k])) for k in sorted(tested)]
    failed = b.add(ir.Unary("not", reduce(lambda x, y: b.add(ir.Binary("and", x, y)), finite)))
    with b.inside() as then:
        then.ops.append(loop)
        b.add(ir.Yield(loop.results))
    with b.inside() as orelse:
        b.add(ir.Yield(quick.results))
    b.add(ir.If(failed, then, orelse, lanes=True))
    return [ir.copy_origin(loop, op) for op in b.block.ops]


def _quick(loop: ir.For, roots: Mapping[ir.Op, list[int]]) -> ir.For:
    """A copy of a loop with the quick formula for some roots."""
    b = ir.Builder()
    ops = b.block.ops
    parameters = tuple(ir.Parameter(p.type, p.name) for p in loop.body.parameters)
    mapping: dict[ir.Value, ir.Value] = dict(zip(loop.body.parameters, parameters, strict=True))
    for op in loop.body.ops:
        if op not in roots:
            ops += ir.clone_ops([op], mapping)
            continue
        first = len(ops)
        (x,) = op.operands
        mapping[op] = quick_rsqrt(Term(b, mapping.get(x, x))).value
        for made in ops[first:]:
            made.loc, made.place = op.loc, op.place
    body = ir.Block(parameters, ops)
    return ir.For(loop.start, loop.stop, loop.step, loop.inits, body, loop.unroll, loop.stages)
