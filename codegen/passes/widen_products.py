"""Cast the operands of products to the dtype of the result, where a machine multiplies only like.

    %2 = dot %0, %1, none : f32<8x8>          %2 = cast %0, f32
                                              %3 = cast %1, f32
                                              %4 = dot %2, %3, none : f32<8x8>

Needs nothing. Afterwards the operands of every `dot` have the dtype of its result, or one that the
machine multiplies into that.
"""

from __future__ import annotations

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype

from . import Pass


def widen_products(function: ir.Function) -> ir.Function:
    """Cast all operands that are not of the dtype of the result."""
    return _WidenProducts(frozenset()).function(function)


def widening_all_but(narrow: frozenset[Dtype]) -> Pass:
    """The pass for a machine that multiplies operands of some dtypes as they are, into 32 bits."""

    def widen_products(function: ir.Function) -> ir.Function:
        return _WidenProducts(narrow).function(function)

    return widen_products


class _WidenProducts(ir.Rewriter):
    def __init__(self, narrow: frozenset[Dtype]) -> None:
        super().__init__()
        self.narrow = narrow

    def rewrite(self, op: ir.Op) -> ir.Value:
        """The same product of wider operands."""
        match op:
            case ir.Dot(a, b, acc, dtype, precision) if (
                a.tile.dtype is not dtype or b.tile.dtype is not dtype
            ) and not self._is_kept(a.tile.dtype, dtype):
                return ir.Dot(_as(a, dtype), _as(b, dtype), acc, dtype, precision)
            case _:
                return op

    def _is_kept(self, operand: Dtype, result: Dtype) -> bool:
        is_into_32_bits = result.bits == 32 and result.is_float == operand.is_float
        return operand in self.narrow and is_into_32_bits


def _as(value: ir.Value, dtype: Dtype) -> ir.Value:
    return value if value.tile.dtype is dtype else ir.Cast(value, dtype)
