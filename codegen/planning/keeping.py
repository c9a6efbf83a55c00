"""Which values are worth keeping: those that loops need several times and that are dear."""

from __future__ import annotations

from typing import Final

from tilewright.dsl import ir

from .state import Draft, Planning, Scope
from .walks import INLINE, spread_over

# Above this many operations it is cheaper to keep a value than to compute it once more: storing and
# loading a vector take two operations and some cache.
KEEP_COST: Final = 6
# Operations that an elementwise op costs; what is not named costs one.
_OP_COST: Final[dict[type[ir.Op], int]] = {
    ir.Broadcast: 0, ir.Reshape: 0, ir.Const: 0, ir.Iota: 0,
    ir.Bitcast: 0,
}  # fmt: skip
_KIND_COST: Final = {
    "div": 5,
    "div_near": 5,
    "sqrt": 6,
    "floordiv": 24,
    "mod": 24,
    "popcount": 8,
    "clz": 8,
}


def dear_value(planning: Planning, block: ir.Block, scope: Scope) -> ir.Op | None:
    """The last value that a block computes repeatedly and that is dearer than reading it back."""
    loops: dict[ir.Op, int] = {}
    repeated: set[ir.Value] = set()
    for draft in scope.steps:
        match draft:
            case Draft(space=space, demand=demand):
                for op in dict.fromkeys(demand.ops):
                    loops[op] = loops.get(op, 0) + 1
                repeated |= {v for v, where in demand.seen if spread_over(space, where) > 1}
    costs: dict[ir.Value, int] = {}
    for op in reversed(block.ops):
        match op:
            case ir.Broadcast() | ir.Reshape() | ir.Const() | ir.Iota():
                continue
        count = loops.get(op, 0)
        if not isinstance(op, INLINE) or op in planning.views or not op.tile.shape:
            continue
        if count > 1 or (count and op in repeated):
            if _cost(planning, op, costs) > KEEP_COST:
                return op
    return None


def _cost(planning: Planning, value: ir.Value, known: dict[ir.Value, int]) -> int:
    """The operations of a value and of all that is computed for it."""
    if value in known:
        return known[value]
    known[value] = 0
    if not isinstance(value, INLINE) or not value.tile.shape or value in planning.views:
        return 0
    inputs = value.operands
    own = _OP_COST.get(type(value), 1)
    match value:
        case ir.Load(mask=mask, fill=fill):
            own = planning.load_cost
            inputs = tuple(x for x in (mask, fill) if x is not None)
        case ir.LoadPointer():
            own = planning.load_cost
        case ir.Binary(kind=kind) | ir.Unary(kind=kind):
            own = _KIND_COST.get(kind, 1)
    known[value] = own + sum(_cost(planning, x, known) for x in inputs)
    return known[value]
