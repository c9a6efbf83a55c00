"""Section 5 of LANGUAGE.md: indices, slices, sub-arrays, bounds, masks, fills and pointers."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Array = NDArray[Any]
Launch = Callable[..., None]
Guarded = Callable[..., Array]


def read(x: Array, *index: Any, fill: Any = 0) -> Array:
    """NumPy's advanced indexing with this language's bounds: outside there is `fill`."""
    index = np.broadcast_arrays(*index)
    inside = np.ones(index[0].shape, bool)
    for axis, one in enumerate(index):
        inside &= (one >= 0) & (one < x.shape[axis])
    out = np.full(inside.shape, fill, x.dtype)
    if x.size:
        safe = [
            np.clip(one, 0, x.shape[axis] - 1).astype(np.int64) for axis, one in enumerate(index)
        ]
        out[inside] = x[tuple(safe)][inside]
    return out


# --- the shape of an index -----------------------------------------------------------------------


def index_shapes(x, y, out):
    i, j = tw.arange(4), tw.arange(3)
    tw.static_assert(x[0, 1, 2].shape == ())
    tw.static_assert(x[i, 0, 1].shape == (4,))
    tw.static_assert(x[i[:, None], j, 1].shape == (4, 3))
    tw.static_assert(x[i[:, None], 1, j].shape == (4, 3))
    tw.static_assert(x[0:2, 1:4, 0:5].shape == (2, 3, 5))
    tw.static_assert(x[0:2, 1, 0:5].shape == (2, 5))
    tw.static_assert(x[i, 0:2, 0:5].shape == (4, 2, 5))
    tw.static_assert(x[0:2, i, 0:5].shape == (2, 4, 5))
    tw.static_assert(x[0:2, 0:5, i].shape == (2, 5, 4))
    tw.static_assert(x[i[:, None], 0:2, j].shape == (4, 3, 2))
    tw.static_assert(x[0:2, i[:, None], j].shape == (2, 4, 3))
    tw.static_assert(x[1, 0:2, i].shape == (2, 4))
    tw.static_assert(x[i, 0:2, 1].shape == (4, 2))
    tw.static_assert(x[tw.iota((2, 3, 4), 1), 0, 0].shape == (2, 3, 4))
    tw.static_assert(x[0].ndim == 2)
    tw.static_assert(x[0, 1].ndim == 1)
    tw.static_assert(y[i].shape == (4,))
    out[0] = 1


def test_an_index_gives_the_shape_of_the_page(launch: Launch) -> None:
    x, y, out = np.zeros((3, 4, 5), np.int32), np.zeros(9, np.int32), np.zeros(1, np.int32)
    launch(index_shapes, x, y, out)
    assert out.tolist() == [1]


def gathered(x, rows, cols, out, N: tw.constexpr, M: tw.constexpr):
    r, c = rows[0:N], cols[0:M]
    out[0:N, 0:M] = x[r[:, None], c]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint32])
def test_tile_indices_broadcast_as_numpys(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, dtype: Any
) -> None:
    x = guarded(rng.integers(0, 99, (6, 7)).astype(np.int32))
    rows, cols = rng.integers(-4, 10, 9).astype(dtype), rng.integers(-4, 10, 19).astype(dtype)
    out = guarded((9, 19), np.int32)
    launch(gathered, x, rows, cols, out, N=9, M=19)
    assert read(x, rows[:, None].astype(object), cols.astype(object)).tolist() == out.tolist()


def huge_indices(x, index, out, N: tw.constexpr):
    out[0:N] = x[index[0:N]]


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.uint32, np.uint64])
def test_extreme_indices_are_outside(launch: Launch, guarded: Guarded, dtype: Any) -> None:
    info = np.iinfo(dtype)
    x = guarded(np.arange(1, 9, dtype=np.int64))
    index = np.array([info.max, info.min, 0, 7, 8, info.max - 1, info.max // 2, 3], dtype)
    out = guarded(8, np.int64)
    launch(huge_indices, x, index, out, N=8)
    expected = [int(v) + 1 if 0 <= int(v) < 8 else 0 for v in index]
    assert expected == out.tolist()


def mixed_block(x, rows, out, N: tw.constexpr, m):
    out[0, 0:N, 0:5] = x[rows[0:N], m : m + 5, 1]
    out[1, 0:5, 0:N] = x[1, m : m + 5, rows[0:N]]
    out[2, 0:5, 0:N] = x[m : m + 5, rows[0:N], 2]
    out[3, 0:5, 0:N] = x[m : m + 5, 0, rows[0:N]]


@pytest.mark.parametrize("m", [0, 2, -3, 4, 100])
def test_tile_indices_stand_where_the_first_stands(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, m: int
) -> None:
    x = guarded(rng.integers(1, 99, (5, 6, 7)).astype(np.int32))
    rows = rng.integers(-2, 8, 4).astype(np.int32)
    out = guarded(np.full((4, 5, 5), -1, np.int32))
    launch(mixed_block, x, rows, out, 4, m)
    block = m + np.arange(5)
    assert read(x, rows[:, None], block, 1).tolist() == out[0, :4].tolist()
    assert read(x, 1, block[:, None], rows).tolist() == out[1, :, :4].tolist()
    assert read(x, block[:, None], rows, 2).tolist() == out[2, :, :4].tolist()
    assert read(x, block[:, None], 0, rows).tolist() == out[3, :, :4].tolist()
    assert (out[1:, :, 4] == -1).all() and (out[0, 4] == -1).all()


# --- slices -------------------------------------------------------------------------------------


def extents(x, out, BM: tw.constexpr, n):
    p = tw.program_id(0)
    tw.static_assert(x[p * BM : (p + 1) * BM].shape == (BM,))
    tw.static_assert(x[BM * p + 3 : p * BM + 3 + BM].shape == (BM,))
    tw.static_assert(x[n * (p + 2) : p * n + 2 * n + 7].shape == (7,))
    tw.static_assert(x[n : n + 2 * BM - BM].shape == (BM,))
    tw.static_assert(x[(p + 1) * (p + 1) : p * p + 2 * p + 1 + 3].shape == (3,))
    start = p * BM
    stop = start + BM
    tw.static_assert(x[start:stop].shape == (BM,))
    tw.static_assert(x[: 2 * BM].shape == (2 * BM,))
    tw.static_assert(x[-n : -n + 4].shape == (4,))
    tw.static_assert(x[p * BM - 2 : p * BM + BM + 2].shape == (BM + 4,))
    tw.static_assert(x[x.shape[0] - 4 : x.shape[0]].shape == (4,))
    tw.static_assert(x[tw.cdiv(n, 2) : tw.cdiv(n, 2) + 3].shape == (3,))
    out[p * BM : (p + 1) * BM] = x[p * BM : p * BM + BM] * n
    for k in range(0, n, BM):
        tw.static_assert(x[k : k + BM].shape == (BM,))
    for k in range(2):
        tw.static_assert(x[k * BM : (k + 1) * BM].shape == (BM,))


def test_the_extent_of_a_slice_is_found_by_polynomials(launch: Launch, guarded: Guarded) -> None:
    x, out = guarded(np.arange(50, dtype=np.int32)), guarded(50, np.int32)
    launch(extents, x, out, 7, 3, grid=8)
    assert (x * 3).tolist() == out.tolist()


def unknown_extent(x, n):
    x[0:n] = 0


def stepped(x, n):
    x[0:8:2] = 0


def open_slice(x, n):
    x[n:] = 0


def backwards(x, n):
    x[n : n - 3] = 0


def empty_extent(x, n):
    x[n:n] = 0


@pytest.mark.parametrize("kernel", [unknown_extent, stepped, open_slice, backwards, empty_extent])
def test_slices_that_have_no_constant_extent_are_refused(
    launch: Launch, kernel: Callable[..., None]
) -> None:
    with pytest.raises(tw.CompileError) as caught:
        launch(kernel, np.ones(9, np.int32), 5)
    if kernel in (unknown_extent, open_slice):
        assert "tw.block" in str(caught.value)


def too_few_with_tile(x, out):
    out[0] = tw.sum(x[tw.arange(2)])


def too_few_with_slice(x, out):
    out[0] = tw.sum(x[0:2])


def too_many(x, out):
    out[0] = x[0, 0, 0]


def float_index(x, out):
    out[0] = x[0.5, 0]


def bool_index(x, out):
    out[0] = tw.sum(x[x[0, 0:3] > 0, 0])


@pytest.mark.parametrize(
    "kernel", [too_few_with_tile, too_few_with_slice, too_many, float_index, bool_index]
)
def test_wrong_indices_are_refused(launch: Launch, kernel: Callable[..., None]) -> None:
    with pytest.raises(tw.CompileError):
        launch(kernel, np.ones((3, 3), np.float32), np.ones(1, np.float32))


def sliding(x, out, start, N: tw.constexpr):
    out[0, 0:N] = x[start : start + N]
    out[1, 0:N] = tw.load(x, tw.block(start, N), fill=-7)
    out[2, 0:N] = tw.load(x, (tw.block(start, N),), mask=tw.arange(N) % 2 == 0, fill=-7)
    out[3, 0:N] = tw.load(x, start + tw.arange(N))


@pytest.mark.parametrize("start", [0, -1, -5, -100, 3, 20, 36, 37, 38, 1000, 2**31 - 1, -(2**31)])
@pytest.mark.parametrize("n", [1, 8, 19])
def test_a_slice_at_any_start_is_defined(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, start: int, n: int
) -> None:
    x = guarded(rng.integers(1, 99, 37).astype(np.int32))
    out = guarded((4, n), np.int32)
    launch(sliding, x, out, start, N=n)
    i = start + np.arange(n)
    kept = np.where(np.arange(n) % 2 == 0, read(x, i, fill=-7), -7)
    wrapped = (i + 2**31) % 2**32 - 2**31  # start + arange is computed in i32
    expected = [read(x, i), read(x, i, fill=-7), kept, read(x, wrapped)]
    assert [row.tolist() for row in expected] == out.tolist()


def slide(out, start, N: tw.constexpr):
    out[start : start + N] = tw.arange(N) + 1
    tw.store(out, (tw.block(start + 50, N),), tw.arange(N) + 101, mask=tw.arange(N) != 1)


@pytest.mark.parametrize("start", [0, -1, -9, 31, 37, 1000, -51])
@pytest.mark.parametrize("n", [1, 8, 21])
def test_what_lies_outside_is_not_written(
    launch: Launch, guarded: Guarded, start: int, n: int
) -> None:
    out = guarded(np.full(37, -1, np.int32))
    launch(slide, out, start, N=n)
    expected = np.full(37, -1, np.int32)
    for k in range(n):
        if 0 <= start + k < 37:
            expected[start + k] = k + 1
    for k in range(n):
        if 0 <= start + 50 + k < 37 and k != 1:
            expected[start + 50 + k] = k + 101
    assert expected.tolist() == out.tolist()


def whole_axis(x: "f32[:, 6]", out, N: tw.constexpr):  # noqa: F821, UP037
    out[0:N, 0:6] = x[0:N, :] * 2


def test_a_colon_alone_takes_a_constexpr_extent(launch: Launch) -> None:
    x, out = np.arange(24, dtype=np.float32).reshape(4, 6), np.zeros((4, 6), np.float32)
    launch(whole_axis, x, out, N=4)
    assert (x * 2).tolist() == out.tolist()


def colon_of_unknown(x, out):
    out[0] = tw.sum(x[0, :])


def test_a_colon_alone_over_an_unknown_extent_is_refused(launch: Launch) -> None:
    with pytest.raises(tw.CompileError):
        launch(colon_of_unknown, np.ones((3, 3), np.float32), np.ones(1, np.float32))


# --- scalars and sub-arrays ----------------------------------------------------------------------


def scalar_accesses(x, out, i, j):
    out[0] = x[i, j]
    out[1] = tw.load(x, (i, j), fill=-3)
    x[i, j] = 77
    out[2] = x[i, j]


@pytest.mark.parametrize("i", [0, 2, 3, -1, 2**31 - 1, -(2**31)])
@pytest.mark.parametrize("j", [0, 3, 4, -1])
def test_a_scalar_index_outside_reads_zero(
    launch: Launch, guarded: Guarded, i: int, j: int
) -> None:
    x, out = guarded(np.arange(1, 13, dtype=np.int32).reshape(3, 4)), guarded(3, np.int32)
    before = x.copy()
    launch(scalar_accesses, x, out, i, j)
    inside = 0 <= i < 3 and 0 <= j < 4
    old = int(before[i, j]) if inside else None
    assert ([old, old, 77] if inside else [0, -3, 0]) == out.tolist()
    assert ((x != before).sum() == 1) == inside


def sub_arrays(x, out, i, j, N: tw.constexpr):
    matrix = x[i]
    row = matrix[j]
    tw.static_assert(matrix.ndim == 2)
    tw.static_assert(row.ndim == 1)
    out[0, 0:N] = row[0:N]
    out[1, 0:N] = matrix[j, 0:N]
    out[2, 0:N] = tw.load(row, tw.arange(N) - 1, fill=-1)
    out[3, 0:N] = tw.load(x[i, j], tw.block(1, N), fill=-2)
    row[1:3] = 500
    out[4, 0:N] = x[i, j, 0:N]
    out[5, 0:N] = row.shape[0] * 100 + matrix.shape[0] * 10 + row.ndim
    row[N - 1] += 1000


@pytest.mark.parametrize("i", [0, 1, 2, -1])
@pytest.mark.parametrize("j", [0, 2, 3, -1, -3])
def test_a_sub_array_outside_is_outside_everywhere(
    launch: Launch, guarded: Guarded, i: int, j: int
) -> None:
    x = guarded(np.arange(1, 31, dtype=np.int32).reshape(2, 3, 5))
    out = guarded((6, 6), np.int32)
    before = x.copy()
    launch(sub_arrays, x, out, i, j, N=6)
    inside = 0 <= i < 2 and 0 <= j < 3
    row = before[i, j] if inside else np.zeros(0, np.int32)
    n = np.arange(6)
    expected = [read(row, n), read(row, n), read(row, n - 1, fill=-1), read(row, n + 1, fill=-2)]
    after = before.copy()
    if inside:
        after[i, j, 1:3] = 500
    expected.append(read(after[i, j] if inside else row, n))
    expected.append(np.full(6, 531))
    assert [line.tolist() for line in expected] == out.tolist()
    assert after.tolist() == x.tolist()


@tw.func
def fill_row(row, value, N: tw.constexpr):
    row[0:N] = value
    return row[0]


def passes_sub_arrays(x, out, N: tw.constexpr):
    p = tw.program_id(0)
    out[p] = fill_row(x[p], p * 10 + tw.arange(N), N)


def test_a_sub_array_is_passed_to_a_function(launch: Launch, guarded: Guarded) -> None:
    x, out = guarded((4, 7), np.int32), guarded(6, np.int32)
    launch(passes_sub_arrays, x, out, N=7, grid=6)
    assert (np.arange(4)[:, None] * 10 + np.arange(7)).tolist() == x.tolist()
    assert out.tolist() == [0, 10, 20, 30, 0, 0]


def zero_dimensional(x, out):
    v = x[()]
    out[()] = v * 2


def test_arrays_of_no_axes(launch: Launch) -> None:
    x, out = np.array(21, np.int32), np.array(0, np.int32)
    launch(zero_dimensional, x, out)
    assert out[()] == 42


def zero_size(x, out, N: tw.constexpr):
    out[0:N] = x[0:N] + tw.load(x, tw.arange(N), fill=5)
    x[0:N] = 3
    x[0] = 3


def test_arrays_of_no_elements(launch: Launch, guarded: Guarded) -> None:
    x, out = guarded((0,), np.int32), guarded((9,), np.int32)
    launch(zero_size, x, out, N=9)
    assert out.tolist() == [5] * 9


# --- masks and fills -----------------------------------------------------------------------------


def masks(x, m, out, n, N: tw.constexpr):
    i = tw.arange(N)
    k = m[0:N]
    out[0, 0:N] = tw.load(x, i, mask=k)
    out[1, 0:N] = tw.load(x, i, mask=k, fill=9)
    out[2, 0:N] = tw.load(x, i, mask=n > 2, fill=9)
    out[3, 0:N] = tw.load(x, i, fill=i * 10)
    out[4, 0:N] = tw.load(x, i, fill=x[0], mask=i < 3)
    tw.store(out, (5, i), i, mask=k)
    tw.store(out, (6, i), 4, mask=n > 2)
    tw.store(out, (7, tw.block(0, N)), x[0], k)
    out[8, 0:N] = tw.load(x, (i,), k, 8)
    out[9, 0] = tw.load(x, 2, mask=n > 2, fill=6)


@pytest.mark.parametrize("n", [1, 5])
def test_masks_and_fills(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, n: int
) -> None:
    x = guarded(rng.integers(1, 99, 11).astype(np.int32))
    m = rng.integers(0, 2, 17).astype(np.bool_)
    out = guarded(np.full((10, 17), -1, np.int32))
    launch(masks, x, m, out, n, N=17)
    i = np.arange(17)
    v, inside = read(x, i), i < 11
    expected = [
        np.where(m, v, 0), np.where(m & inside, v, 9), np.where((n > 2) & inside, v, 9),
        np.where(inside, v, i * 10), np.where(i < 3, v, x[0]), np.where(m, i, -1),
        np.full(17, 4 if n > 2 else -1), np.where(m, x[0], -1), np.where(m & inside, v, 8),
        [x[2] if n > 2 else 6, *[-1] * 16],
    ]  # fmt: skip
    assert [np.array(row).tolist() for row in expected] == out.tolist()


def broadcast_masks(x, out, N: tw.constexpr, M: tw.constexpr):
    i, j = tw.arange(N), tw.arange(M)
    v = tw.load(x, (i[:, None], j), mask=i[:, None] % 2 == 0, fill=j)
    tw.store(out, (tw.block(0, N), tw.block(0, M)), v, mask=j < 3)


def test_masks_broadcast(launch: Launch, guarded: Guarded) -> None:
    x, out = guarded(np.arange(20, dtype=np.int32).reshape(4, 5)), guarded((5, 6), np.int32)
    out[:] = -1
    launch(broadcast_masks, x, out, N=5, M=6)
    i, j = np.arange(5)[:, None], np.arange(6)
    v = np.where((i % 2 == 0) & (i < 4) & (j < 5), read(x, i, j), j)
    assert np.where(j < 3, v, -1).tolist() == out.tolist()


def casts_of_fill(x, out):
    v = tw.load(x, tw.arange(4) - 2, fill=-1)
    tw.static_assert(v.dtype == x.dtype)
    out[0:4] = v


@pytest.mark.parametrize("dtype", [np.int8, np.float16, np.float64, np.int64])
def test_a_load_has_the_dtype_of_the_array(launch: Launch, dtype: Any) -> None:
    x, out = np.array([5, 6], dtype), np.zeros(4, np.float64)
    launch(casts_of_fill, x, out)
    assert out.tolist() == [-1, -1, 5, 6]


# --- stores -------------------------------------------------------------------------------------


def scatter(index, out, N: tw.constexpr):
    out[index[0:N]] = tw.arange(N) + 1


@pytest.mark.host(reason="several lanes at one element take any order on a GPU")
@pytest.mark.parametrize("n", [1, 8, 17, 100])
def test_the_last_lane_in_row_major_order_is_stored(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, n: int
) -> None:
    index = rng.integers(-2, 7, n).astype(np.int32)
    out = guarded(np.zeros(5, np.int32))
    launch(scatter, index, out, N=n)
    expected = [0] * 5
    for k, at in enumerate(index.tolist()):
        if 0 <= at < 5:
            expected[at] = k + 1
    assert expected == out.tolist()


def scatter_2d(rows, cols, out, N: tw.constexpr, M: tw.constexpr):
    r, c = rows[0:N], cols[0:M]
    out[r[:, None], c] = tw.iota((N, M), 0) * 100 + tw.iota((N, M), 1)
    tw.store(out, (0, c), tw.arange(M) - 50, mask=c > 1)


@pytest.mark.host(reason="several lanes at one element take any order on a GPU")
def test_the_last_of_a_two_axis_scatter_is_stored(
    launch: Launch, guarded: Guarded, rng: np.random.Generator
) -> None:
    rows, cols = rng.integers(-1, 4, 7).astype(np.int64), rng.integers(-1, 5, 19).astype(np.int8)
    out = guarded(np.full((3, 4), -1, np.int32))
    launch(scatter_2d, rows, cols, out, N=7, M=19)
    expected = np.full((3, 4), -1)
    for i, r in enumerate(rows.tolist()):
        for j, c in enumerate(cols.tolist()):
            if 0 <= r < 3 and 0 <= c < 4:
                expected[r, c] = i * 100 + j
    for j, c in enumerate(cols.tolist()):
        if 1 < c < 4:
            expected[0, c] = j - 50
    assert expected.tolist() == out.tolist()


def stores_broadcast(x, out, N: tw.constexpr, M: tw.constexpr):
    out[0, 0:N, 0:M] = x[0:M]
    out[1, 0:N, 0:M] = x[0:N][:, None]
    out[2, 0:N, 0:M] = x[1]
    out[3, 0:N, 0:M] = 7
    out[4, tw.arange(N)[:, None], tw.arange(M)] = x[0:M]


def test_a_stored_value_broadcasts(launch: Launch, guarded: Guarded) -> None:
    x, out = guarded(np.arange(9, dtype=np.float32)), guarded((5, 3, 9))
    launch(stores_broadcast, x, out, N=3, M=9)
    assert np.broadcast_to(x, (3, 9)).tolist() == out[0].tolist() == out[4].tolist()
    assert np.broadcast_to(x[:3, None], (3, 9)).tolist() == out[1].tolist()
    assert (out[2] == 1).all() and (out[3] == 7).all()


def store_too_large(x, out):
    out[0:2] = x[0:3]


def store_grows(x, out):
    out[tw.arange(3)] = tw.zeros((2, 3))


def test_a_value_that_does_not_broadcast_is_refused(launch: Launch) -> None:
    for kernel in (store_too_large, store_grows):
        with pytest.raises(tw.CompileError):
            launch(kernel, np.ones(9, np.float32), np.ones(9, np.float32))


def stores_cast(x, out):
    out[0:6] = x[0:6]
    out[6] = x[1]
    out[7] = 300
    out[8] = -1.5


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.bool_, np.int64, np.float16])
def test_a_store_casts_as_to_does(launch: Launch, dtype: Any) -> None:
    x = np.array([1.9, -2.9, 300, -300, np.nan, 0], np.float32)
    out = np.zeros(9, dtype)
    launch(stores_cast, x, out)
    if dtype is np.bool_:
        assert out.tolist() == [True] * 5 + [False] + [True] * 3
    elif dtype is np.float16:
        np.testing.assert_array_equal([*x.astype(dtype), x[1].astype(dtype), 300, -1.5], out)
    else:
        info = np.iinfo(dtype)
        values = [1, -2, 300, -300, 0, 0, -2]
        expected = [min(max(v, info.min), info.max) for v in values]
        assert expected == out[:7].tolist()
        assert [300 % 256 if info.bits == 8 else 300, max(-1, info.min)] == [
            int(out[7]) % 256 if info.bits == 8 else int(out[7]),
            int(out[8]),
        ]


def program_order(x, out, N: tw.constexpr):
    x[0:N] = 1
    a = x[0:N]
    x[tw.arange(N)] = a + 1
    b = x[3]
    x[3] = b * 10
    c = x[0:N]
    x[0:N] = c - a
    out[0] = b
    out[1] = tw.sum(c)
    out[2] = tw.sum(x[0:N])


@pytest.mark.parametrize("n", [4, 16, 33])
def test_a_programs_accesses_are_in_order(launch: Launch, guarded: Guarded, n: int) -> None:
    x, out = guarded(n, np.int32), guarded(3, np.int32)
    launch(program_order, x, out, N=n)
    assert [2, 2 * n + 18, n + 18] == out.tolist()


def running_total(x, out, n):
    for i in range(1, n):
        x[i] = x[i - 1] + x[i]
    out[0] = x[n - 1]


def test_a_loop_carries_through_memory(launch: Launch) -> None:
    x, out = np.arange(30, dtype=np.int64), np.zeros(1, np.int64)
    launch(running_total, x, out, 30)
    assert np.arange(30).cumsum().tolist() == x.tolist()
    assert out.tolist() == [435]


# --- pointers -----------------------------------------------------------------------------------


def pointers(x, out, n, N: tw.constexpr):
    i = tw.arange(N)
    p = x.ptr + i * 2
    q = out.ptr + n
    out[0:N] = tw.load(p, mask=i < 4, fill=-1)
    tw.store(q + i, tw.load(x.ptr + i), mask=i < 3)
    tw.store(out.ptr, tw.load(x.ptr + 5) * 100)
    tw.store(q + 3, 8)


def test_raw_pointers_count_elements(launch: Launch, guarded: Guarded) -> None:
    x, out = guarded(np.arange(10, dtype=np.int16)), guarded(20, np.int64)
    out[:] = 0
    launch(pointers, x, out, 12, N=9)
    expected = [500, 2, 4, 6, -1, -1, -1, -1, -1, 0, 0, 0, 0, 1, 2, 8, 0, 0, 0, 0]
    assert expected == out.tolist()


def beside_an_empty_array(x, out):
    out[0] = tw.load(x.ptr + 2)


def strided_pointer(x, out):
    i = tw.arange(4)
    out[0:4] = tw.load(x.ptr + i * x.strides[0] + x.strides[1])
    tw.store(x.ptr - 0 + x.strides[1] * 2, -5)


def test_pointers_with_strides(launch: Launch) -> None:
    x, out = np.arange(24, dtype=np.float64).reshape(4, 6)[:, ::-2], np.zeros(4)
    launch(strided_pointer, x, out)
    assert out.tolist() == [3, 9, 15, 21]
    assert x[0, 2] == -5


def pointer_outside(x, out):
    out[0] = tw.load(x.ptr + 100)


def test_pointers_of_an_empty_view(launch: Launch) -> None:
    """It has no element, but the memory that it is a view of has."""
    memory = np.arange(8, dtype=np.float32)
    x, out = memory[3:3], np.full(1, -1.0)
    first = (x.ctypes.data - memory.ctypes.data) // 4  # NumPy may let it begin anywhere
    launch(beside_an_empty_array, x, out)
    assert out[0] == memory[first + 2]


def test_the_interpreter_checks_pointers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "1")
    with pytest.raises(tw.DeviceError):
        tw.kernel(pointer_outside)[1](np.zeros(4, np.float32), np.zeros(4, np.float32))


def through_pointers(x, y, out, place, WAY: tw.constexpr, N: tw.constexpr):
    i = tw.arange(N)
    if WAY == "load":
        out[0:N] = tw.load(x.ptr + place + i)
    elif WAY == "scalar load":
        out[0] = tw.load(x.ptr + place)
    elif WAY == "store":
        tw.store(x.ptr + (place + i), 1)
    elif WAY == "reversed":
        tw.store(x.ptr + (place + N - 1 - i), 1)
    elif WAY == "mask":
        tw.store(x.ptr + (place - 40 + i * 4), 1, mask=i > 9)
    elif WAY == "atomic":
        tw.atomic_add(x.ptr + place, 1)
    elif WAY == "lanes":
        if i * 0 == 0:
            tw.store(x.ptr + (place + i), 1)
    elif WAY == "loop":
        p = x.ptr + i
        for _ in range(1):
            p = p + place
        out[0:N] = tw.load(p)
    elif WAY == "swapped":
        p, q = y.ptr + i, x.ptr + i
        for _ in range(3):
            p, q = q, p
        tw.store(p + place, 1)
    elif WAY == "chosen":
        p = x.ptr if place > -1000 else y.ptr
        tw.store(tw.where(i < N, p + i, y.ptr + i) + place, 1)


WAYS = {
    "load": 5, "scalar load": 1, "store": 5, "reversed": 5, "mask": 1, "atomic": 1, "lanes": 5,
    "loop": 5, "swapped": 5, "chosen": 5,
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", ["array", "pointer", "foreign pointer", "view", "tw.Array"])
def test_debug_mode_reports_a_pointer_outside_the_memory_it_came_from(
    mode: str, way: str, form: str, guarded: Guarded
) -> None:
    kernel = tw.kernel(debug=True)(through_pointers)
    is_pointer = form.endswith("pointer") and way != "atomic"
    if is_pointer:
        kernel = tw.kernel(debug=True)(with_pointer)
    memory = np.zeros(60, np.int32)
    foreign = SimpleNamespace(__array_interface__=memory.__array_interface__)
    forms = {"view": memory[20:31:2], "tw.Array": tw.asarray(memory), "foreign pointer": foreign}
    x = forms.get(form, memory)
    first, behind = (-20, 40) if form == "view" else (0, 60)
    y, out = guarded(np.zeros(5000, np.int32)), guarded(np.zeros(9, np.int32))
    touched = {"mask": 1}.get(way, WAYS[way])
    n = 11 if way == "mask" else 5
    for place in (first, behind - touched):
        kernel[1](x, y, out, place, WAY=way, N=n)
    for place in (first - 1, behind - touched + 1):
        with pytest.raises(tw.DeviceError, match="lies outside the memory of array") as caught:
            kernel[1](x, y, out, place, WAY=way, N=n)
        message = str(caught.value)
        both = way in ("swapped", "chosen") and not is_pointer
        assert ("arrays `x` and `y`" if both else "`x`, which has 60 elements") in message


def with_pointer(x: "*i32", y, out, place, WAY: tw.constexpr, N: tw.constexpr):  # noqa: F722
    p = x + place
    i = tw.arange(N)
    if WAY == "scalar load":
        out[0] = tw.load(p)
    elif WAY == "mask":
        tw.store(p + (i * 4 - 40), 1, mask=i > 9)
    else:
        out[0:N] = tw.load(p + i)


def chosen_pointers(x, y, out, n):
    p = x.ptr + n if n > 1 else y.ptr
    i = tw.arange(5)
    out[0] = tw.load(p)
    out[1] = (x.ptr == p) * 2 + (x.ptr < p)
    out[2:7] = tw.load(tw.where(i < 3, x.ptr + i, y.ptr + i))


def test_pointers_are_chosen_and_compared(launch: Launch) -> None:
    x, out = np.arange(18, dtype=np.int16), np.zeros(7, np.int64)
    for n in (3, 0):
        launch(chosen_pointers, x[:9], x[9:], out, n)
        assert [n if n else 9, 1, 0, 1, 2, 12, 13] == out.tolist()


# --- debug mode and races ------------------------------------------------------------------------


def scalar_outside(x, out, i):
    out[0] = x[i]


def negative_tile(x, out, i):
    out[0:3] = x[tw.arange(3) + i]


def covered(x, out, i):
    k = tw.arange(3) + i
    out[0:3] = tw.load(x, k, mask=k >= 0)
    out[0:3] = tw.load(x, k, fill=1)
    out[0] = tw.load(x, i, fill=2)
    out[0:9] = x[tw.arange(9)]
    out[0:9] = x[0:9]


def test_debug_mode_reports_what_is_outside(mode: str) -> None:
    x, out = np.zeros(4, np.float32), np.zeros(4, np.float32)
    for kernel in (scalar_outside, negative_tile):
        made = tw.kernel(debug=True)(kernel)
        made[1](x, out, 0)
        with pytest.raises(tw.DeviceError) as caught:
            made[1](x, out, -1)
        text = str(caught.value)
        assert f"test_memory.py:{kernel.__code__.co_firstlineno + 1}" in text
        assert "x" in text and "-1" in text and "4" in text
    with pytest.raises(tw.DeviceError):
        tw.kernel(debug=True)(scalar_outside)[1](x, out, 4)
    tw.kernel(debug=True)(covered)[1](x, out, -1)
    tw.kernel(debug=True)(negative_tile)[1](x, out, 3)


def filled(x, out, n):
    i = tw.arange(6) - n
    out[0:6] = tw.load(x, i, fill=0.0) + tw.load(x, i, fill=0) + tw.load(x, n + 90, fill=0.0)


def test_debug_mode_does_not_report_what_a_fill_covers(
    mode: str, rng: np.random.Generator, guarded: Guarded
) -> None:
    """A `fill` of zero is what a load without one gives, and yet another load."""
    x, out = rng.standard_normal(5).astype(np.float32), guarded(np.zeros(6, np.float32))
    for debug in (True, "strict"):
        tw.kernel(debug=debug)(filled)[1](x, out, 2)
        assert out.tolist() == [0, 0, *(2 * x[:4])]


def test_strict_debug_mode_reports_the_edge_too(mode: str) -> None:
    x, out = np.zeros(4, np.float32), np.zeros(4, np.float32)
    strict = tw.kernel(debug="strict")(negative_tile)
    strict[1](x, out, 1)
    with pytest.raises(tw.DeviceError):
        strict[1](x, out, 2)


def test_the_environment_turns_debug_mode_on(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEWRIGHT_DEBUG", "1")
    x, out = np.zeros(4, np.float32), np.zeros(4, np.float32)
    with pytest.raises(tw.DeviceError):
        tw.kernel(scalar_outside)[1](x, out, 4)


def write_race(out):
    p = tw.program_id(0)
    out[p // 2] = p


def read_race(out):
    p = tw.program_id(0)
    v = out[p + 1]
    out[p] = v + 1


def no_race(out):
    p = tw.program_id(0)
    out[p] = p
    out[5] = 7


def test_the_interpreter_finds_races(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEWRIGHT_RACES", "1")
    out = np.full(8, 9, np.int32)
    for kernel in (write_race, read_race):
        with pytest.raises(tw.DeviceError, match=r"test_memory.py:\d+"):
            tw.kernel(kernel)[4](out)
    tw.kernel(no_race)[4](out)
    assert out.tolist()[:4] == [0, 1, 2, 3]


# --- at the very end ------------------------------------------------------------------------------


def steps_across_the_end(x, up, down, n, N: tw.constexpr):
    i = tw.arange(N)
    up[0:N] = x[2 * i + n]
    down[0:N] = x[N - i + n]
    x[2 * i + n] = i
    x[N - i + n] = -i


@pytest.mark.parametrize("extent", [1, 10, 11, 16, 40])
@pytest.mark.parametrize("count", [5, 8, 20])
def test_the_element_right_behind_the_last_is_outside(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, extent: int, count: int
) -> None:
    before = rng.integers(1, 99, extent).astype(np.int32)
    x, up, down = guarded(before), guarded(count, np.int32), guarded(count, np.int32)
    launch(steps_across_the_end, x, up, down, 0, N=count)
    wide = np.append(before, np.zeros(2 * count + 1, np.int32))
    i = np.arange(count)
    assert wide[2 * i].tolist() == up.tolist()
    assert wide[count - i].tolist() == down.tolist()
    wide[2 * i] = i
    wide[count - i] = -i
    assert wide[:extent].tolist() == x.tolist()


def truths(x, out, one, N: tw.constexpr):
    v = x[0:N] > 0
    i = tw.arange(N)
    out[0, 0:N] = v
    out[1, N - 1 - i] = v
    tw.store(out, (2, i), v, mask=v)
    tw.store(out.ptr + (out.strides[0] * 3 + i), v)
    if v:
        out[4, i] = v
    one[0] = x[0] > 0
    one[1] = tw.any(v)
    tw.store(one.ptr + 2, x[0] > 0, mask=x[0] > 0)
    tw.atomic_or_(one, 3, x[0] > 0)
    tw.atomic_xchg(one, 4, x[0] > 0)


@pytest.mark.parametrize("count", [1, 7, 64])
def test_a_truth_is_stored_as_one_byte_of_one(launch: Launch, guarded: Guarded, count: int) -> None:
    """NumPy counts a boolean of any other byte as true, too, and sums it up as that byte."""
    x = guarded(np.where(np.arange(count) % 3, -1, 1).astype(np.int32))
    out, one = guarded(np.zeros((5, count), np.bool_)), guarded(np.zeros(5, np.bool_))
    launch(truths, x, out, one, N=count)
    expected = (x > 0).astype(np.uint8).tolist()
    bytes_ = out.view(np.uint8).tolist()
    assert [expected, expected[::-1], expected, expected, expected] == bytes_
    assert one.view(np.uint8).tolist() == [1] * 5
