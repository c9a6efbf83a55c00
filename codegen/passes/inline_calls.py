"""Put the body of an inlined function in place of its `inlined`.

Possible where its only `return` is its last op, and where a `return` ends one side of a scalar `if`
that stands in the body itself: what follows that `if` then moves to its other side. What is left
are functions that return from inside a loop or under a lane condition.

    %1: f32 = inlined (f32) body {
      %2: f32 = binary.mul %0, %0
      return [%2]
    }
    store %x, [%i], %1

becomes

    %1: f32 = binary.mul %0, %0
    store %x, [%i], %1
"""

from __future__ import annotations

from tilewright.dsl import ir


def inline_calls(function: ir.Function) -> ir.Function:
    """Splice the bodies of inlined functions; the same function if none can be."""
    return _Inliner().function(function)


class _Inliner(ir.Rewriter):
    """Inner functions first, so that an outer body ends in the right op by then."""

    def rewrite(self, op: ir.Op) -> ir.Splice | ir.Op:
        match op:
            case ir.Inlined(_, body):
                found = _end_only(body.ops)
                if found is None:
                    return op
                *ops, last = found
                return ir.Splice(ops, last.operands)
            case _:
                return op


def _end_only(ops: list[ir.Op]) -> list[ir.Op] | None:
    """The ops with one `yield` at the end in place of their `return`s; None if that cannot be."""
    for position, op in enumerate(ops):
        match op:
            case ir.Return(values):
                return [*ops[:position], ir.copy_origin(op, ir.Yield(values))]
            case ir.If(condition, then, orelse, False) if _returns(op):
                rest = ops[position + 1 :]
                branches = _branches(op, then, orelse, rest)
                if branches is None:
                    return None
                made = ir.copy_origin(op, ir.If(condition, *branches))
                return [*ops[:position], made, ir.Yield(made.results)]
            case _ if op.effect is ir.Effect.REGION and _returns(op):
                return None
            case _:
                pass
    return list(ops)


def _branches(
    op: ir.If, then: ir.Block, orelse: ir.Block, rest: list[ir.Op]
) -> tuple[ir.Block, ir.Block] | None:
    """Both sides up to the end of the function: what follows goes to the side that gets there."""
    going_on = [block for block in (then, orelse) if isinstance(block.terminator, ir.Yield)]
    if len(going_on) > 1:
        return None
    blocks = []
    for block in (then, orelse):
        ops = list(block.ops)
        if block in going_on:
            yielded = ops.pop()
            mapping: dict[ir.Value, ir.Value] = dict(zip(op.results, yielded.operands, strict=True))
            ops += ir.clone_ops(rest, mapping)
        found = _end_only(ops)
        if found is None or not isinstance(found[-1], ir.Yield):
            return None
        blocks.append(ir.Block((), found))
    return blocks[0], blocks[1]


def _returns(op: ir.Op) -> bool:
    """Whether a `return` inside leaves the function that the op stands in."""
    match op:
        case ir.Return():
            return True
        case ir.Inlined():
            return False
        case _:
            return any(_returns(inner) for block in op.blocks for inner in block.ops)
