"""Section 3 of LANGUAGE.md: index values are 64-bit in meaning and yield to other dtypes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tilewright as tw

Launch = Callable[..., None]


def sources_of_index(x, out):
    tw.static_assert(tw.program_id(0).dtype == tw.index)
    tw.static_assert(tw.num_programs(0).dtype == tw.index)
    tw.static_assert(x.shape[0].dtype == tw.index)
    tw.static_assert(x.strides[1].dtype == tw.index)
    tw.static_assert(x.size.dtype == tw.index)
    for i in range(x.shape[0]):
        tw.static_assert(i.dtype == tw.index)
    out[0] = x.shape[0]
    out[1] = x.shape[1]
    out[2] = x.strides[0]
    out[3] = x.strides[1]
    out[4] = x.size
    out[5] = tw.num_programs(0) * 100 + tw.num_programs(1) * 10 + tw.num_programs(2)
    out[6] = x.ndim


def test_shapes_strides_sizes_and_the_grid_are_index_values(launch: Launch) -> None:
    x, out = np.zeros((6, 10), np.float32)[::2, ::-3], np.zeros(7, np.int64)
    launch(sources_of_index, x, out, grid=(2, 3))
    assert out.tolist() == [3, 4, 20, -3, 12, 231, 2]
    x = np.zeros((3, 4), np.float32)
    launch(sources_of_index, x, out, grid=(2, 3))
    assert out.tolist() == [3, 4, 4, 1, 12, 231, 2]


def fixed(x: "f32[:, 65536]", n, out, near):  # noqa: F821, UP037
    """What the type of an array fixes is of dtype index, and a constant."""
    tw.static_assert(x.shape[1].dtype == tw.index and x.strides[1].dtype == tw.index)
    tw.static_assert(x.shape[1] == 65536 and x.strides[1] == 1)
    tw.static_assert((n + x.shape[1] // 2).dtype == tw.index)
    tw.static_assert((n + min(x.shape[1], 9)).dtype == tw.index)
    tw.static_assert((n + tw.maximum(99999, x.shape[1])).dtype == tw.index)
    tw.static_assert((n + int(x.shape[1])).dtype == tw.index)
    tw.static_assert((n + tw.round(x.shape[1], -2)).dtype == tw.index)
    tw.static_assert(tw.round(x.shape[1], -2) == 65500)
    tw.static_assert((near[0] + x.shape[1]).dtype == tw.i64)
    tw.static_assert(tw.arange(x.shape[1] - 65530).shape == (6,))
    rows = tw.arange(3) + n
    out[0, 0:3] = rows * x.shape[1] + 5
    total = x.strides[1]
    for i in range(x.shape[1] - 65533):
        tw.static_assert(i.dtype == tw.index)
        total = total * 65536
    out[1, 0] = total
    chosen = 7
    if n > 4:
        chosen = -x.shape[1]
    tw.static_assert(chosen.dtype == tw.index)
    out[1, 1] = chosen * n
    n += x.shape[1]
    tw.static_assert(n.dtype == tw.i32)
    out[1, 2] = n


def test_extents_and_strides_that_a_type_fixes_are_index_values(launch: Launch) -> None:
    x = np.lib.stride_tricks.as_strided(np.zeros(65536, np.float32), (2, 65536), (4, 4))
    out, near = np.full((2, 3), 7, np.int64), np.zeros(1, np.int64)
    n = 40_000 + int(np.random.default_rng().integers(1000))
    launch(fixed, x, n, out, near)
    assert out[0].tolist() == [(n + k) * 65536 + 5 for k in range(3)]
    assert out[1].tolist() == [65536**3, -65536 * n, n + 65536]


def rules(n, out, OTHER: tw.constexpr, RESULT: tw.constexpr):
    i = tw.program_id(0) + 3
    v = n.to(OTHER)
    tw.static_assert((i + v).dtype == RESULT)
    tw.static_assert((v * i).dtype == RESULT)
    out[0] = i + v


@pytest.mark.parametrize(
    ("other", "result"),
    [
        ("i8", "i8"), ("i16", "i16"), ("i32", "index"), ("i64", "i64"), ("u8", "u8"),
        ("u16", "u16"), ("u32", "u32"), ("u64", "u64"), ("f16", "f16"), ("bf16", "bf16"),
        ("f32", "f32"), ("f64", "f64"),
    ],
)  # fmt: skip
def test_an_index_yields_to_any_dtype_but_i32(launch: Launch, other: str, result: str) -> None:
    out = np.zeros(1, np.float64)
    launch(rules, 4, out, OTHER=getattr(tw, other), RESULT=getattr(tw, result))
    assert out.tolist() == [7.0]


def index_arithmetic(out):
    i = tw.program_id(0)
    tw.static_assert((i / 2).dtype == tw.f32)
    tw.static_assert((i * 0.5).dtype == tw.f32)
    tw.static_assert((i // 2 % 3 - 1).dtype == tw.index)
    tw.static_assert((-i).dtype == tw.index)
    tw.static_assert((i << 2).dtype == tw.index)
    tw.static_assert(i.to(tw.i32).dtype == tw.i32)
    tw.static_assert(min(i, 3).dtype == tw.index)
    tw.static_assert(tw.where(i > 2, i, 0).dtype == tw.index)
    out[i, 0] = (i / 2) * 2
    out[i, 1] = (i - 3) // 2
    out[i, 2] = (i - 3) % 2
    out[i, 3] = min(i, 3) + max(i, 3)
    out[i, 4] = (i << 2) ^ 5
    out[i, 5] = i.to(tw.i32) - 10


def test_arithmetic_of_index_values(launch: Launch) -> None:
    out = np.zeros((7, 6), np.float32)
    launch(index_arithmetic, out, grid=7)
    expected = [[i, (i - 3) // 2, (i - 3) % 2, i + 3, (i << 2) ^ 5, i - 10] for i in range(7)]
    assert expected == out.tolist()


def large_products(n, out):
    i = tw.program_id(0)
    big = (i + 100_000) * 100_000
    out[i] = big * (n + i)
    out[i + 2] = (tw.num_programs(0) + n) * 2_147_483_647


def test_index_values_are_64_bits_in_meaning(launch: Launch) -> None:
    out = np.zeros(4, np.int64)
    launch(large_products, 7, out, grid=2)
    assert out[:2].tolist() == [100_000 * 100_000 * 7, 100_001 * 100_000 * 8]
    assert out[2:].tolist() == [9 * 2_147_483_647] * 2


def fixed_products(out):
    i = (tw.program_id(0) + 100_000).to(tw.i32)
    out[0] = i * 100_000


def test_a_cast_fixes_the_width(launch: Launch) -> None:
    out = np.zeros(1, np.int64)
    launch(fixed_products, out)
    assert out.tolist() == [(10**10 + 2**31) % 2**32 - 2**31]


def huge_strides(x, out, N: tw.constexpr):
    k = tw.arange(N)
    i = tw.program_id(0) * 1_500_000_000
    out[0:N] = x[i + k * 3] + x[k]
    out[N] = x[i]


def test_offsets_beyond_32_bits_are_found(launch: Launch) -> None:
    # Eight gigabytes of addresses, one byte of memory: stride 0.
    x = np.broadcast_to(np.array([5], np.uint8), (3_000_000_030,))
    out = np.zeros(9, np.int32)
    launch(huge_strides, x, out, N=8, grid=3)
    assert out.tolist() == [10] * 8 + [5]


def loop_over_large_bounds(n, out):
    count = 0
    last = tw.num_programs(0) - 1
    for i in range(2**33, 2**33 + 5, 2):
        last = i
        count += 1
    out[0] = last
    out[1] = count
    total = n * 0
    for j in range(n, n + 3):
        total += j - n
    out[2] = total


def test_a_loop_may_run_beyond_32_bits(launch: Launch) -> None:
    out = np.zeros(3, np.int64)
    launch(loop_over_large_bounds, 2**40, out)
    assert out.tolist() == [2**33 + 4, 3, 3]


def rounds_at_the_end(x, out, start, stop, step):
    count, last = 0, tw.full((), 0, tw.i64)
    for i in range(start, stop, step):
        count += 1
        last = i.to(tw.i64)
        if count > 9:
            break
    lanes = tw.zeros(5, tw.i64)
    if x[0:5] > 0:
        for _ in range(start, stop, step):
            lanes += 1
            if lanes > 9:
                break
    out[0], out[1] = count, last
    out[tw.arange(5) + 2] = lanes


@pytest.mark.parametrize(
    "span",
    [
        range(2**63 - 4, 2**63 - 1, 2), range(5 - 2**63, -(2**63), -2),
        range(-(2**63), 2**63 - 1, 2**62), range(2**63 - 2, 2**63 - 1), range(7, 2**63 - 1, 2**62),
    ],
)  # fmt: skip
def test_a_loop_ends_where_64_bits_do(launch: Launch, span: range) -> None:
    x, out = np.array([1, -1, 0, 2, -3], np.float32), np.full(7, 7, np.int64)
    launch(rounds_at_the_end, x, out, span.start, span.stop, np.int64(span.step))
    assert out.tolist() == [len(span), span[-1], *np.where(x > 0, len(span), 0).tolist()]


def unsigned_rounds(bounds, out):
    for i in range(bounds[0], bounds[1], bounds[2]):
        out[0] += 1
        out[1] = i
        if out[0] > 9:
            break


@pytest.mark.parametrize(
    "span",
    [
        range(0, 5, 2**63), range(3, 2**64 - 1, 2**63 + 2), range(2**63, 2**64 - 1, 2**64 - 1),
        range(9, 4, 2**64 - 1), range(2**64 - 6, 2**64 - 1, 2), range(2**63 - 2, 2**63 + 2, 1),
    ],
)  # fmt: skip
def test_unsigned_loops_never_count_down(launch: Launch, span: range) -> None:
    bounds, out = np.array([span.start, span.stop, span.step], np.uint64), np.zeros(2, np.uint64)
    launch(unsigned_rounds, bounds, out)
    assert out.tolist() == [len(span), [0, *span][-1]]


def index_tiles(out, N: tw.constexpr):
    i = tw.program_id(0) * N + tw.arange(N)
    tw.static_assert(i.dtype == tw.index)
    tw.static_assert(tw.arange(N).dtype == tw.i32)
    tw.static_assert((i * 1.0).dtype == tw.f32)
    tw.static_assert((i == 3).dtype == tw.bool_)
    out[i] = i * i


@pytest.mark.parametrize("n", [1, 5, 64])
def test_tiles_of_index_values(launch: Launch, n: int) -> None:
    out = np.zeros(3 * n, np.int64)
    launch(index_tiles, out, N=n, grid=3)
    assert (np.arange(3 * n) ** 2).tolist() == out.tolist()


def stored_index(out):
    out[0] = tw.num_programs(0) + 2**32 + 300


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int32, np.float32, np.int64])
def test_a_store_casts_an_index(launch: Launch, dtype: Any) -> None:
    out = np.zeros(1, dtype)
    launch(stored_index, out)
    assert np.array([2**32 + 301]).astype(dtype).tolist() == out.tolist()


def compare_with_index(n, out):
    i = tw.program_id(0) - 1
    out[i + 1] = (i < n) * 1 + (i == n) * 2 + (i >= 0) * 4


def test_an_index_compares_by_value(launch: Launch) -> None:
    out = np.zeros(4, np.int32)
    launch(compare_with_index, np.uint64(1), out, grid=4)
    assert out.tolist() == [1, 5, 6, 4]


def sums_of_index(out, N: tw.constexpr):
    i = tw.arange(N) + tw.program_id(0) + 2**31
    out[0] = tw.sum(i)
    out[1] = tw.max(i)


def test_reductions_of_index_values_keep_64_bits(launch: Launch) -> None:
    out = np.zeros(2, np.int64)
    launch(sums_of_index, out, N=5)
    assert out.tolist() == [5 * 2**31 + 10, 2**31 + 4]


def unsigned_constants(x, bounds, out):
    at = tw.full((), 200, tw.u8)
    out[0] = x[at, 1]
    out[1] = x[at][0]
    x[at, 0] = -1
    for i in range(bounds[0], 250):
        out[2] += i.to(tw.i64)
    for i in range(200, bounds[1]):
        out[3] += i.to(tw.i64)
    for _ in range(bounds[0], bounds[1], 130):
        out[4] += 1


def test_constants_in_the_upper_half_of_an_unsigned_dtype(launch: Launch) -> None:
    x, out = np.arange(500).reshape(250, 2), np.zeros(5, np.int64)
    low, high = (int(n) for n in np.random.default_rng().integers((50, 201), (70, 256)))
    launch(unsigned_constants, x, np.array([low, high], np.uint8), out)
    expected = [401, 400, sum(range(low, 250)), sum(range(200, high))]
    assert out.tolist() == [*expected, len(range(low, high, 130))]
    assert x[200, 0] == -1
