"""Indices of arrays and tiles mean what they mean in NumPy, where they exist there."""

# ruff: noqa: F841 - what kernels read is looked at in the IR

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tilewright.dsl import ir
from tilewright.dsl.errors import CompileError

from .language import lowered, run, tw

X = np.arange(6 * 8, dtype=np.float32).reshape(6, 8)
CUBE = np.arange(2 * 3 * 4, dtype=np.float32).reshape(2, 3, 4)


def copy(read: Any, source: np.ndarray[Any, Any], shape: tuple[int, ...], signature: str) -> Any:
    """What a kernel reads, by way of an output array of that shape."""
    out = np.full(shape, -1, np.float32)
    axes = ", ".join(map(str, shape))
    run(read, f"{signature}, f32[{axes}], i32", source, out, np.int32(2))
    return out


def rows_and_columns(x, out, n):
    i, j = tw.arange(3), tw.arange(4)
    out[:, :] = x[i[:, None] + n, j]


def block_of_rows(x, out, n):
    out[:, :] = x[n : n + 3, 1:5]


def row_of_block(x, out, n):
    out[:] = x[n, 0:4]


def column_of_block(x, out, n):
    out[:] = x[n : n + 4, 3]


def tile_beside_slice(x, out, n):
    i = tw.arange(3) * 2
    out[:, :] = x[i, n : n + 5]


def slice_beside_tile(x, out, n):
    i = tw.arange(4) * 2
    out[:, :] = x[n : n + 2, i]


def tiles_around_slice(x, out, n):
    i, k = tw.arange(2), tw.arange(2) + 1
    out[:, :] = x[i, 0:3, k]


def wide_tiles_around_slice(x, out, n):
    i, k = tw.arange(2)[:, None], tw.arange(3)
    out[:, :, :] = x[i, 0:2, k]


def new_axes(x, out, n):
    out[:, :, :] = x[None, n : n + 2, 0:3]


def new_axis_behind(x, out, n):
    out[:, :] = x[n, 0:3, None]


def sub_array(x, out, n):
    row = x[n - 1]
    line = row[2]
    out[:] = line[0:4] + row[0, 0:4]


def sub_array_with_ellipsis(x, out, n):
    row = x[n, ...]
    out[:] = row[0:4]


def named_index(x, out, n):
    where = (n, tw.block(n, 4))
    out[:] = tw.load(x, where) + x[where]


def out_of_bounds(x, out, n):
    out[:, :] = x[n + 2 : n + 6, 6:10]


def negative(x, out, n):
    out[:] = x[-1, 0:4] + x[0, n - 4 : n]


def filled(x, out, n):
    out[:] = tw.load(x, (5, tw.block(5, 4)), fill=7)


def parts_of_tiles(x, out, n):
    v = x[0:4, 0:4]
    out[:, :] = v[1:3, ::-1] + v[0] + v[..., -1][2:4, None]


@pytest.mark.parametrize(
    ("kernel", "expected"),
    [
        (rows_and_columns, X[2:5, :4]),
        (block_of_rows, X[2:5, 1:5]),
        (row_of_block, X[2, :4]),
        (column_of_block, X[2:6, 3]),
        (tile_beside_slice, X[::2, 2:7]),
        (slice_beside_tile, X[2:4, ::2]),
        (new_axes, X[None, 2:4, :3]),
        (new_axis_behind, X[2, :3, None]),
        (sub_array_with_ellipsis, X[2, :4]),
        (named_index, 2 * X[2, 2:6]),
        (out_of_bounds, np.pad(X[4:, 6:], ((0, 2), (0, 2)))),
        (negative, np.array([0, 0, X[0, 0], X[0, 1]])),
        (filled, np.array([45, 46, 47, 7])),
        (parts_of_tiles, X[1:3, 3::-1] + X[0, :4] + X[2:4, 3:4]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_reads_are_numpys(kernel: Any, expected: Any) -> None:
    actual = copy(kernel, X, expected.shape, "f32[:, :]")
    assert expected.tolist() == actual.tolist()


@pytest.mark.parametrize(
    ("kernel", "expected"),
    [
        (tiles_around_slice, np.stack([CUBE[0, :, 1], CUBE[1, :, 2]])),
        (wide_tiles_around_slice, CUBE[:, :2, :3].transpose(0, 2, 1)),
        (sub_array, CUBE[1, 2] + CUBE[1, 0]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_reads_of_three_axes_put_tiles_where_the_first_stands(kernel: Any, expected: Any) -> None:
    actual = copy(kernel, CUBE, expected.shape, "f32[:, :, :]")
    assert expected.tolist() == actual.tolist()


def test_zero_axes_are_indexed_by_the_empty_tuple() -> None:
    def kernel(x, out):
        out[()] = x[()] + x[...]
        out[...] += 1

    x, out = np.array(3, np.int32), np.array(0, np.int32)
    run(kernel, "i32[], i32[]", x, out)
    assert out == 7


def test_a_store_at_an_index_evaluated_once_reads_and_writes_there() -> None:
    def kernel(x):
        i = tw.arange(4)
        x[i] += 10
        x[1:3] *= 2

    x = np.arange(5, dtype=np.int32)
    run(kernel, "i32[:]", x)
    assert x.tolist() == [10, 22, 24, 13, 4]


# --- extents by polynomial arithmetic -----------------------------------------------------------


def extent(kernel: Any, signature: str = "f32[:], i32, i32") -> tuple[int, ...]:
    """The shape of the first read of a kernel."""
    function = lowered(kernel, signature, B=16)
    return next(op.tile.shape for op in ir.walk(function.body) if isinstance(op, ir.Load))


def program_block(x, n, m, B: tw.constexpr):
    p = tw.program_id(0)
    v = x[p * B : (p + 1) * B]


def of_two_calls(x, n, m, B: tw.constexpr):
    v = x[tw.program_id(0) * B : (tw.program_id(0) + 1) * B]


def reordered(x, n, m, B: tw.constexpr):
    v = x[(n + m) * (n - m) : n * n - m * m + B]


def through_floor_division(x, n, m, B: tw.constexpr):
    v = x[n // B * B : B + B * (n // B)]


def through_remainder_and_choice(x, n, m, B: tw.constexpr):
    v = x[n % m + max(n, m) : B + n % m + max(n, m)]


def through_variables(x, n, m, B: tw.constexpr):
    start = n * B - m
    stop = start + B // 2
    v = x[start : stop + 8]


def over_a_loop(x, n, m, B: tw.constexpr):
    for k in range(0, x.shape[0], B):
        v = x[k : k + B]


def of_the_shape(x, n, m, B: tw.constexpr):
    v = x[x.shape[0] - B : x.shape[0]]


def through_shifts(x, n, m, B: tw.constexpr):
    v = x[n << 4 : (n + 1) * 16]


def through_casts(x, n, m, B: tw.constexpr):
    v = x[n.to(tw.i64) * B : (n + 1) * B]


def from_the_start(x, n, m, B: tw.constexpr):
    v = x[:B]


def of_constants_alone(x, n, m, B: tw.constexpr):
    v = x[B : 2 * B]


@pytest.mark.parametrize(
    "kernel",
    [
        program_block, of_two_calls, reordered, through_floor_division,
        through_remainder_and_choice, through_variables, over_a_loop, of_the_shape,
        through_shifts, through_casts, from_the_start, of_constants_alone,
    ],
    ids=lambda kernel: kernel.__name__,
)  # fmt: skip
def test_the_extent_of_a_slice_is_found_by_arithmetic(kernel: Any) -> None:
    assert extent(kernel) == (16,)


def unrelated(x, n, m, B: tw.constexpr):
    v = x[n:m]


def of_different_divisions(x, n, m, B: tw.constexpr):
    v = x[n // B : n // (B + 1) + B]


def read_twice(x, n, m, B: tw.constexpr):
    v = x[x[0].to(tw.i32) : x[0].to(tw.i32) + B]


@pytest.mark.parametrize(
    "kernel", [unrelated, of_different_divisions, read_twice], ids=lambda kernel: kernel.__name__
)
def test_an_extent_that_is_not_constant_is_refused(kernel: Any) -> None:
    with pytest.raises(CompileError, match="is not a constant"):
        extent(kernel)


def test_the_end_of_a_slice_leaves_no_ops_behind() -> None:
    function = lowered(program_block, "f32[:], i32, i32", B=16)
    products = [op for op in function.body.ops if isinstance(op, ir.Binary) and op.kind == "mul"]
    assert len(products) == 1


def test_the_axes_of_slices_are_marked_as_blocks() -> None:
    def kernel(x):
        i = tw.arange(4)
        a = x[0:4, 1, i]
        b = x[2, i, 0:2]

    function = lowered(kernel, "f32[:, :, :]")
    loads = [op for op in function.body.ops if isinstance(op, ir.Load)]
    assert [op.block_axes for op in loads] == [(0,), (2,)]


def test_fixed_extents_are_constants() -> None:
    def kernel(x):
        rows, columns = x.shape
        v = tw.zeros((rows, columns - 2)) + x[:, 2:]
        n = len(x)
        for k in tw.static_range(x.ndim):
            n = n + x.shape[k]
        w = tw.zeros(n + x.size)

    function = lowered(kernel, "f32[4, 6]")
    shapes = [op.tile.shape for op in function.body.ops if isinstance(op, ir.Const) and op.shape]
    assert (4 + 4 + 6 + 24,) in shapes
