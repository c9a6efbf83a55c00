"""What products of narrow operands have in common: elements are taken in groups along k.

`a` lies in rows with place for zeros at their ends, `b` in panels whose rows are rows of groups.
"""

from __future__ import annotations

from .emit_matrix import Product
from .emit_scalar import Scalars
from .registers import group_of, padded_depth
from .steps import (
    Multiply,
)
from .writer import Val


class NarrowProduct(Product):
    """One such product being printed."""

    def __init__(self, scalars: Scalars, step: Multiply) -> None:
        super().__init__(scalars, step)
        self.group = group_of(self.operand)
        self.given = self.k
        self.k = padded_depth(self.writer.machine, self.operand, self.k)

    def run(self) -> None:
        """Fill up k, then multiply."""
        if self.k != self.given:
            self._pad_rows()
        super().run()

    def _pad_rows(self) -> None:
        """Zeros behind the rows of `a`: what lies there may be no number."""
        writer, stride, operand = self.writer, self.step.a.strides[-2], self.operand
        first = self._moved(self._base(self.step.a, operand), self.given, operand)
        zeros = Val("zeroinitializer", "i8", (self.k - self.given) * operand.itemsize, writer.level)

        def body(row: Val, _: list[Val]) -> list[Val]:
            place = self._at(first, row, stride, None, operand)
            writer.add(f"store {zeros}, {place}, align {operand.itemsize}")
            return []

        writer.loop("0", str(self.batch * self.m), "1", [], body, at_least_once=True)
