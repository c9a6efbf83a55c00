"""Form `a * b + c` with one rounding where a product is only ever added to something.

    %p = mul %a, %b             becomes          %s = fma %a, %b, %c
    %s = add %p, %c

A product that has one use, in an `add` or `sub` of f32 or f64 in its own block, becomes an `fma`:
`a * b + c`, `a * b - c` (c negated) or `c - a * b` (a negated). If both operands are such products,
the left one is taken, as LLVM does. A matrix product that is only ever added to something adds to
that as its accumulator: what is added stays a product. The rule looks at nothing else, so it forms
the same ones on every target. It runs only where the kernel has the option `contract`, and before
`expand_math`, whose formulas say themselves what is fused. Products of f16 and bf16 stay: those are
rounded op by op.
"""

from __future__ import annotations

from collections import Counter

from tilewright.dsl.ir import (
    Binary,
    Block,
    Dot,
    Fma,
    Function,
    Op,
    Unary,
    Value,
    copy_origin,
    rebuild,
    uses,
)
from tilewright.dsl.types import f32, f64


def contract_fma(function: Function) -> Function:
    """Fuse products with the sums they go into; the same function if there are none."""
    if "contract" not in function.options:
        return function
    return function.with_body(_Contraction(uses(function.body)).block(function.body))


class _Contraction:
    def __init__(self, counts: Counter[Value]) -> None:
        self.counts = counts
        self.mapping: dict[Value, Value] = {}

    def block(self, block: Block) -> Block:
        """Fuse in a block and the blocks inside; the same block if nothing changes."""
        products = self._products(block)
        fused = set(products.values())
        changed = bool(products)
        ops: list[Op] = []
        for op in block.ops:
            inner = {old: self.block(old) for old in op.blocks}
            if op in fused:
                continue
            new = self._fuse(op, products[op], ops) if op in products else None
            new = new or rebuild(op, self.mapping, inner)
            ops.append(new)
            if new is not op:
                changed = True
                self.mapping.update(zip(op.results, new.results, strict=True))
        return Block(block.parameters, ops) if changed else block

    def _products(self, block: Block) -> dict[Op, Op]:
        """Which product each sum of a block takes in."""
        here = set(block.ops)
        found: dict[Op, Op] = {}
        for op in block.ops:
            match op:
                case Binary("add", Dot(acc=None) as other, _) if self.counts[other] == 1:
                    pass
                case Binary("add", _, Dot(acc=None) as other) if self.counts[other] == 1:
                    pass
                case Binary("add" | "sub", Binary("mul") as product, _) if self._fits(
                    product, here
                ):
                    found[op] = product
                case Binary("add" | "sub", _, Binary("mul") as product) if self._fits(
                    product, here
                ):
                    found[op] = product
        return found

    def _fits(self, product: Op, here: set[Op]) -> bool:
        dtype = product.tile.dtype
        return (dtype is f32 or dtype is f64) and product in here and self.counts[product] == 1

    def _fuse(self, op: Op, product: Op, ops: list[Op]) -> Op:
        assert isinstance(op, Binary) and isinstance(product, Binary)
        a, b = (self.mapping.get(x, x) for x in product.operands)
        is_left = op.left is product
        other = op.right if is_left else op.left
        c = self.mapping.get(other, other)
        if op.kind == "sub":
            negated = copy_origin(op, Unary("neg", c if is_left else a))
            negated.name = None
            ops.append(negated)
            a, c = (a, negated) if is_left else (negated, c)
        return copy_origin(op, Fma(a, b, c))
