"""Write loops of few rounds out, round after round.

A `for` goes whose bounds are constants, whose only jump is the end of its body, and which runs at
most once, at most `FEW` times with a small body, or as often as its hint `unroll` allows. Longer
loops keep the hint for the emitter. Loops inside go first.

    %3: i32 = for %0, %2, %1, [%4] body(%5: i32, %6: i32) {
      %7: i32 = binary.add %6, %5
      yield [%7]
    }

becomes, with bounds 0, 2, 1,

    %5: i32 = const 0
    %6: i32 = binary.add %4, %5
    %7: i32 = const 1
    %8: i32 = binary.add %6, %7
"""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir

FEW: Final = 4  # rounds written out without a hint
SMALL: Final = 24  # ops of all rounds together, without a hint
LARGE: Final = 4096  # ops of all rounds together, in any case: compiling has to end


def unroll_loops(function: ir.Function) -> ir.Function:
    """Write short loops out; the same function if there are none."""
    return _Unroller().function(function)


class _Unroller(ir.Rewriter):
    """Replaces a loop by copies of its body."""

    def rewrite(self, op: ir.Op) -> ir.Op | ir.Splice:
        match op:
            case ir.For(ir.Const(start), ir.Const(stop), ir.Const(step), _, body) if step != 0:
                rounds = range(int(start), int(stop), int(step))
                if _is_short(op, len(rounds)) and _ends_only(body):
                    return _written_out(op, rounds)
            case _:
                pass
        return op


def _is_short(op: ir.For, rounds: int) -> bool:
    size = rounds * sum(1 for inner in ir.walk(op.body))
    if rounds <= 1:
        return True
    if size > LARGE:
        return False
    return rounds <= op.unroll or (rounds <= FEW and size <= SMALL and not op.stages)


def _ends_only(body: ir.Block) -> bool:
    """Whether the loop is left and gone on with at the end of its body only."""
    last = body.terminator
    return isinstance(last, (ir.Yield, ir.Continue)) and not any(
        _jumps(op) for op in body.ops if op is not last
    )


def _jumps(op: ir.Op) -> bool:
    """Whether a jump inside belongs to the loop around; a `return` may stay as it is."""
    match op:
        case ir.Break() | ir.Continue():
            return True
        case ir.For() | ir.While():
            return False
        case _:
            return any(_jumps(inner) for block in op.blocks for inner in block.ops)


def _written_out(op: ir.For, rounds: range) -> ir.Splice:
    values: tuple[ir.Value, ...] = op.inits
    ops: list[ir.Op] = []
    counter, *carried = op.body.parameters
    for position in rounds:
        here = ir.copy_origin(op, ir.Const(position, op.start.tile))
        mapping: dict[ir.Value, ir.Value] = dict(zip(carried, values, strict=True))
        mapping[counter] = here
        *copies, last = ir.clone_ops(op.body.ops, mapping)
        ops += [here, *copies]
        values = last.operands
    return ir.Splice(ops, values)
