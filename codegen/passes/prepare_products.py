"""Bring matrix products into the one form that machines multiply in.

Needs nothing. Afterwards a sum with a product is the product's accumulator, and a transposed load,
unless its memory is written before it is transposed, is a load of transposed positions:

    %3 = dot %1, %2, none : f32<8x8>          %4 = dot %1, %2, %0 : f32<8x8>
    %4 = binary "add" %0, %3 : f32<8x8>
"""

from __future__ import annotations

from collections.abc import Iterator

from tilewright.dsl import ir

from ..analysis.memory import may_alias


def prepare_products(function: ir.Function) -> ir.Function:
    """Rewrite until no rule applies; the same object where there is no product."""
    if not any(isinstance(op, (ir.Dot, ir.Permute)) for op in ir.walk(function.body)):
        return function
    return _PrepareProducts().function(function)


def accumulate_products(function: ir.Function) -> ir.Function:
    """The same, but loads stay as they are: for machines that multiply by what is transposed."""
    if not any(isinstance(op, ir.Dot) for op in ir.walk(function.body)):
        return function
    return _PrepareProducts(turns_loads=False).function(function)


class _PrepareProducts(ir.Rewriter):
    def __init__(self, turns_loads: bool = True) -> None:
        super().__init__()
        self.turns_loads = turns_loads
        self.uses: dict[ir.Value, int] = {}
        self.movable: set[ir.Value] = set()

    def function(self, function: ir.Function) -> ir.Function:
        """Rewrite with fresh counts of uses each round."""
        while True:
            self.uses = ir.uses(function.body)
            self.movable = set(_movable(function, function.body))
            self._mapping, self._placed = {}, set()
            body = self.block(function.body)
            if body is function.body:
                return function
            function = function.with_body(body)

    def rewrite(self, op: ir.Op) -> ir.Value:
        """One rule per case."""
        match op:
            case ir.Binary("add", left, ir.Dot(a, b, None, dtype, precision) as product) if (
                self.uses[product] == 1 and left is not product
            ):
                return ir.Dot(a, b, left, dtype, precision)
            case ir.Binary("add", ir.Dot(a, b, None, dtype, precision) as product, right) if (
                self.uses[product] == 1
            ):
                return ir.Dot(a, b, right, dtype, precision)
            case ir.Permute(ir.Load(source, position, None, None, axes) as load, order) if (
                self.turns_loads and self.uses[load] == 1 and load in self.movable
            ):
                rank = len(order)
                moved = tuple(_permuted(x, order, rank) for x in position)
                return ir.Load(source, moved, None, None, axes)
            case _:
                return op


def _movable(function: ir.Function, block: ir.Block) -> Iterator[ir.Value]:
    """Loads that may be done where they are permuted: nothing before writes what they read."""
    places = {op: place for place, op in enumerate(block.ops)}
    for place, op in enumerate(block.ops):
        for inner in op.blocks:
            yield from _movable(function, inner)
        match op:
            case ir.Permute(ir.Load() as load, _) if load in places:
                between = block.ops[places[load] + 1 : place]
                inside = (deep for one in between for b in one.blocks for deep in ir.walk(b))
                if not any(may_alias(load, one, function) for one in (*between, *inside)):
                    yield load
            case _:
                pass


def _permuted(x: ir.Value, order: tuple[int, ...], rank: int) -> ir.Value:
    """A position tile with its axes in another order; scalars broadcast as they are."""
    shape = x.tile.shape
    if not shape:
        return x
    if len(shape) < rank:
        x = ir.Reshape(x, (1,) * (rank - len(shape)) + shape)
        shape = x.tile.shape
    target = tuple(shape[axis] for axis in order)
    if sum(1 for extent in shape if extent != 1) <= 1:
        return ir.Reshape(x, target)
    return ir.Permute(x, order)
