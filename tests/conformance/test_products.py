"""Matrix products of every pair of dtypes, with and without an accumulator."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tilewright.dsl import ir
from tilewright.dsl.types import (
    Dtype,
    bf16,
    f8e4m3,
    f8e5m2,
    f16,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
    scalar,
    u8,
    u16,
    u32,
    u64,
)

from .agreement import Agreement, bits, epsilon, within
from .building import const
from .data import LAYOUTS, random_values, tame_values
from .execution import Batch, Guard, Row, variants

# What the operands' dtype is multiplied in: at least 32 bits.
RESULTS = {
    i8: i32, i16: i32, i32: i32, i64: i64, u8: u32, u16: u32, u32: u32, u64: u64,
    f16: f32, bf16: f32, f8e4m3: f32, f8e5m2: f32, f32: f32, f64: f64,
}  # fmt: skip
SIZES = (
    (1, 1, 1), (3, 5, 7), (8, 8, 8), (1, 9, 17), (16, 1, 16), (5, 33, 1), (17, 29, 31),
    (16, 32, 64),
)  # fmt: skip


def product_bound(operand: Dtype, result: Dtype, precision: str) -> Agreement:
    """k products added to an accumulator: at most (k + 1) u of the sizes' sum and one rounding.

    `tf32` keeps 10 bits of each operand's mantissa: twice 2^-11 more.
    """
    if not result.is_float:
        return bits

    def bound(
        a: NDArray[np.float64], b: NDArray[np.float64], acc: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        size = np.abs(a) @ np.abs(b) + np.abs(acc)
        lost = 2.0**-10 if precision == "tf32" else 0.0
        return ((a.shape[-1] + 2) * epsilon(result) / 2 + lost) * size

    return within(bound)


def rows_for(operand: Dtype, result: Dtype) -> list[Row]:
    """Every form of a product of `(m, k)` and `(k, n)`; the third operand is `(m, n)`."""

    def added(b: ir.Builder, x: ir.Value, y: ir.Value, acc: ir.Value) -> ir.Value:
        return b.add(ir.Binary("add", acc, b.add(ir.Dot(x, y, None, result))))

    bound = product_bound(operand, result, "ieee")
    rows = [
        Row("plain", lambda b, x, y, acc: b.add(ir.Dot(x, y, None, result)), _without_acc(bound)),
        Row("accumulated", lambda b, x, y, acc: b.add(ir.Dot(x, y, acc, result)), bound),
        Row("added", added, bound),
    ]
    if operand is f32:
        rounded = product_bound(operand, result, "tf32")
        make = lambda b, x, y, acc: b.add(ir.Dot(x, y, acc, result, "tf32"))  # noqa: E731
        rows.append(Row("tf32", make, rounded))
    return rows


def _without_acc(bound: Agreement) -> Agreement:
    return lambda got, want, dtype, inputs: bound(
        got, want, dtype, [inputs[0], inputs[1], np.zeros_like(inputs[2])]
    )


def check(
    dtype: Dtype, shapes: tuple[tuple[int, ...], ...], k: int, guarded: Guard,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    result = RESULTS[dtype]
    dtypes = (dtype, dtype, result)
    draw = tame_values if dtype.is_float else random_values
    inputs = [draw(rng, d, (2, *shape)) for d, shape in zip(dtypes, shapes, strict=True)]
    rows = rows_for(dtype, result)
    Batch(dtypes, inputs, rows, LAYOUTS[k % 4 :], variants(k)).check(guarded)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("dtype", RESULTS, ids=str)
def test_products(
    dtype: Dtype, size: tuple[int, int, int], rng: np.random.Generator, guarded: Guard
) -> None:
    m, k, n = size
    check(dtype, ((m, k), (k, n), (m, n)), SIZES.index(size), guarded, rng)


@pytest.mark.parametrize("dtype", [i8, f16, f32, f64], ids=str)
def test_batches_of_products(dtype: Dtype, rng: np.random.Generator, guarded: Guard) -> None:
    check(dtype, ((3, 5, 9), (3, 9, 11), (3, 5, 11)), 0, guarded, rng)


@pytest.mark.parametrize("dtype", [f16, f32, f64], ids=str)
def test_products_of_transposed_operands(
    dtype: Dtype, rng: np.random.Generator, guarded: Guard
) -> None:
    result = RESULTS[dtype]

    def turned(b: ir.Builder, x: ir.Value, y: ir.Value, acc: ir.Value) -> ir.Value:
        x, y = b.add(ir.Permute(x, (1, 0))), b.add(ir.Permute(y, (1, 0)))
        return b.add(ir.Permute(b.add(ir.Dot(x, y, acc, result)), (1, 0)))

    def agree(got, want, dtype, inputs):
        turned = [np.moveaxis(x, -1, -2) for x in inputs[:2]]
        flipped = [np.moveaxis(x, -1, -2) for x in (got, want)]
        return np.moveaxis(product_bound(dtype, result, "ieee")(
            *flipped, dtype, [*turned, inputs[2]]), -1, -2)  # fmt: skip

    shapes = ((19, 13), (23, 19), (13, 23))
    dtypes = (dtype, dtype, result)
    inputs = [tame_values(rng, d, (2, *shape)) for d, shape in zip(dtypes, shapes, strict=True)]
    Batch(dtypes, inputs, [Row("turned", turned, agree)]).check(guarded)


def test_a_product_in_a_loop(rng: np.random.Generator, guarded: Guard) -> None:
    """The loop over blocks that every matrix product is written as."""
    size = (33, 29)

    def summed(b: ir.Builder, x: ir.Value, y: ir.Value) -> ir.Value:
        zero = b.add(ir.Const(0.0, ir.Dot(x, y, None, f32).tile))
        bounds = [const(b, k) for k in (0, 3, 1)]
        with b.inside(scalar(i32), zero.tile) as block:
            _, acc = block.parameters
            b.add(ir.Yield((b.add(ir.Dot(x, y, acc, f32)),)))
        return b.add(ir.For(*bounds, (zero,), block)).results[0]

    def bound(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        return 3 * (3 * x.shape[-1] + 2) * epsilon(f32) / 2 * (np.abs(x) @ np.abs(y))

    inputs = [tame_values(rng, f32, (2, *shape)) for shape in (size, size[::-1])]
    Batch((f32, f32), inputs, [Row("summed", summed, within(bound))]).check(guarded)
