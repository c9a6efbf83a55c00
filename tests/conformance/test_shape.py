"""Shape ops move elements with all their bits, whatever the dtype."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.types import Dtype, Tile, i32

from .agreement import bits
from .data import IN_MEMORY, LAYOUTS, NUMPY, random_values
from .execution import Batch, Guard, Row, variants

Shape = tuple[int, ...]

# (operand's shape, result's shape)
BROADCASTS = (
    ((), (5,)), ((), (3, 7)), ((1,), (37,)), ((9,), (4, 9)), ((4, 1), (4, 19)), ((1, 8), (3, 8)),
    ((3, 1, 5), (3, 2, 5)), ((2, 1), (3, 2, 17)), ((6,), (6,)),
)  # fmt: skip
RESHAPES = (
    ((12,), (3, 4)), ((3, 4), (12,)), ((4, 6), (8, 3)), ((1,), ()), ((), (1, 1)),
    ((35,), (5, 1, 7)), ((2, 3, 4), (4, 3, 2)), ((16, 8), (8, 16)), ((17,), (1, 17)),
)  # fmt: skip
# (shape, axes)
PERMUTATIONS = (
    ((3, 5), (1, 0)), ((16, 8), (1, 0)), ((1, 13), (1, 0)), ((2, 3, 5), (2, 0, 1)),
    ((4, 1, 9), (1, 2, 0)), ((3, 4, 5), (0, 2, 1)), ((7,), (0,)),
)  # fmt: skip
# (shape, starts, extents)
SLICES = (
    ((9,), (2,), (5,)), ((40,), (7,), (33,)), ((8,), (7,), (1,)), ((5, 9), (1, 3), (3, 6)),
    ((16, 16), (0, 8), (16, 8)), ((3, 4, 5), (1, 0, 2), (2, 4, 2)), ((1,), (0,), (1,)),
)  # fmt: skip
# (shape, axis)
FLIPS = (((7,), 0), ((32,), 0), ((1,), 0), ((5, 9), 0), ((5, 9), 1), ((3, 1, 11), 2))
# (shapes of the parts, axis)
JOINS = (
    (((3,), (5,)), 0), (((8,), (8,)), 0), (((1,), (16,), (7,)), 0), (((2, 5), (3, 5)), 0),
    (((4, 3), (4, 9)), 1), (((2, 3, 4), (2, 1, 4)), 1), (((6,),), 0),
)  # fmt: skip


def check(
    dtype: Dtype, shapes: list[Shape], rows: list[Row], k: int, guarded: Guard,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    inputs = [random_values(rng, dtype, (3, *shape)) for shape in shapes]
    Batch([dtype] * len(inputs), inputs, rows, LAYOUTS[k % 5 :], variants(k)).check(guarded)


def all_cases() -> tuple[list[Shape], list[Row]]:
    """One operand and one row for each case of the tables."""
    shapes: list[Shape] = []
    rows: list[Row] = []

    def add(label: str, operands: tuple[Shape, ...], make) -> None:
        first, count = len(shapes), len(operands)
        shapes.extend(operands)
        rows.append(Row(label, lambda b, *x: b.add(make(*x[first : first + count])), bits))

    for shape, to in BROADCASTS:
        add("broadcast", (shape,), lambda x, to=to: ir.Broadcast(x, to))
    for shape, to in RESHAPES:
        add("reshape", (shape,), lambda x, to=to: ir.Reshape(x, to))
    for shape, axes in PERMUTATIONS:
        add("permute", (shape,), lambda x, axes=axes: ir.Permute(x, axes))
    for shape, starts, extents in SLICES:
        add("slice", (shape,), lambda x, s=starts, e=extents: ir.Slice(x, s, e))
    for shape, axis in FLIPS:
        add("flip", (shape,), lambda x, axis=axis: ir.Flip(x, axis))
    for parts, axis in JOINS:
        add("concat", parts, lambda *x, axis=axis: ir.Concat(x, axis))
    return shapes, rows


@pytest.mark.sampled(4)
@pytest.mark.parametrize("dtype", IN_MEMORY, ids=str)
def test_shape_ops(dtype: Dtype, rng: np.random.Generator, guarded: Guard) -> None:
    shapes, rows = all_cases()
    check(dtype, shapes, rows, IN_MEMORY.index(dtype), guarded, rng)


@pytest.mark.parametrize("bits_of_element", [8, 16, 32, 64])
def test_shape_ops_in_chains(
    bits_of_element: int, rng: np.random.Generator, guarded: Guard
) -> None:
    """Views of views, and views of what was computed."""
    dtype = next(one for one in NUMPY if one.bits == bits_of_element and one.is_integer)

    def turned(b: ir.Builder, x: ir.Value) -> ir.Value:
        x = b.add(ir.Permute(b.add(ir.Flip(x, 1)), (1, 0)))
        return b.add(ir.Reshape(b.add(ir.Slice(x, (1, 0), (8, 5))), (5, 8)))

    def joined(b: ir.Builder, x: ir.Value) -> ir.Value:
        doubled = b.add(ir.Binary("add", x, x))
        both = b.add(ir.Concat((b.add(ir.Flip(doubled, 0)), x), 1))
        return b.add(ir.Permute(b.add(ir.Slice(both, (0, 3), (5, 12))), (1, 0)))

    def spread(b: ir.Builder, x: ir.Value) -> ir.Value:
        row = b.add(ir.Slice(x, (2, 0), (1, 9)))
        wide = b.add(ir.Broadcast(row, (5, 9)))
        return b.add(ir.Reshape(b.add(ir.Binary("xor", wide, x)), (45,)))

    rows = [Row("turned", turned, bits), Row("joined", joined, bits), Row("spread", spread, bits)]
    for k in range(2):
        check(dtype, [(5, 9)], rows, k, guarded, rng)


@pytest.mark.parametrize("shape", [(1,), (7,), (40,), (3, 5), (2, 3, 9)], ids=str)
def test_positions_and_constants(shape: Shape, rng: np.random.Generator, guarded: Guard) -> None:
    rows = []
    for dtype in (d for d in NUMPY if d.is_integer):
        for axis in range(len(shape)):
            iota = partial(ir.Iota, Tile(dtype, shape), axis, 3)
            rows.append(Row(f"iota_{dtype}_{axis}", lambda b, x, make=iota: b.add(make()), bits))
    for dtype in NUMPY:
        value = 1.5 if dtype.is_float else True if dtype.is_bool else 77
        full = partial(ir.Const, value, Tile(dtype, shape))
        rows.append(Row(f"const_{dtype}", lambda b, x, make=full: b.add(make()), bits))
    check(i32, [()], rows, len(shape), guarded, rng)
