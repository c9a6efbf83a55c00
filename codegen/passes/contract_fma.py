"""Form `a * b + c` with one rounding where a product is only ever added to something.

    %p = mul %a, %b             becomes          %s = fma %a, %b, %c
    %s = add %p, %c

A product that has one use, in an `add` or `sub` of f32 or f64 in its own block, becomes an `fma`: `a * b +
c`, `a * b - c` (c negated) and `c - a * b` (a negated). If both operands are such products, the right one
is taken. The rule looks at nothing else, so it forms the same ones on every target. Runs only where the
kernel has the option `contract`, and before `expand_math`, whose formulas say themselves what is fused.
Products of f16 and bf16 stay: those are rounded op by op.
"""

from __future__ import annotations

from collections import Counter

from tilewright.dsl.ir import Binary, Builder, Fma, Function, Op, Unary, Value, uses
from tilewright.dsl.types import f32, f64

from .formula import expand_ops


def contract_fma(function: Function) -> Function:
    """Fuse products with the sums they go into; the same function if there are none."""
    if "contract" not in function.options:
        return function
    return _drop_products(expand_ops(function, _Contraction(uses(function.body)).expand))
