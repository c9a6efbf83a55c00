"""Blocks that are transposed in registers: every size of element, every edge, every layout."""

from __future__ import annotations

import ctypes
import mmap
import re
from collections.abc import Callable, Iterator

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw
from tilewright import _native

Guarded = Callable[..., NDArray]

DTYPES = (
    np.bool_, np.int8, np.uint8, np.int16, np.float16, ml_dtypes.bfloat16, ml_dtypes.float8_e5m2,
    np.int32, np.float32, np.uint64, np.float64,
)  # fmt: skip
TARGETS = ("cpu:x86-64-v3", "cpu:x86-64-v4", "cpu:aarch64")


@tw.kernel
def transpose(x, out, up, left, M: tw.constexpr, N: tw.constexpr):
    m, n = tw.program_id(1) * M - up, tw.program_id(0) * N - left
    out[n : n + N, m : m + M] = x[m : m + M, n : n + N].T


@tw.kernel
def copy(x, out, M: tw.constexpr, N: tw.constexpr):
    m, n = tw.program_id(0) * M, tw.program_id(1) * N
    out[m : m + M, n : n + N] = x[m : m + M, n : n + N]


@tw.kernel
def mixed(x, narrow, row, column, out, twice, M: tw.constexpr, N: tw.constexpr):
    m, n = tw.program_id(1) * M, tw.program_id(0) * N
    across = x[m : m + M, n : n + N].T * 2 + narrow[m : m + M, n : n + N].T
    value = across + out[n : n + N, m : m + M] * row[m : m + M]
    out[n : n + N, m : m + M] = value + column[n : n + N][:, None]
    twice[n : n + N, m : m + M] = value - tw.load(row, tw.block(n, N), fill=3.0)[:, None]


@tw.kernel
def kept(x, out, N: tw.constexpr):
    tile = tw.exp(x[0:N, 0:N]) + x[0:N, 0:N]
    out[0:N, 0:N] = tile.T * 3 + tile


@tw.kernel
def axes(x, out, A: tw.constexpr, B: tw.constexpr, C: tw.constexpr, ORDER: tw.constexpr):
    v = tw.permute(x[0:A, 0:B, 0:C], ORDER)
    s = v.shape
    tw.store(out, (tw.block(0, s[0]), tw.block(0, s[1]), tw.block(0, s[2])), v + 1)


@tw.kernel
def in_its_place(x, N: tw.constexpr):
    x[0:N, 0:N] = x[0:N, 0:N].T


@tw.kernel
def masked(x, out, n, least, M: tw.constexpr, N: tw.constexpr):
    i, j = tw.arange(M)[:, None], tw.arange(N)[None, :]
    seen = tw.load(x, (j, i), mask=j < n, fill=-1.0) + tw.load(x, (j, i), fill=-2.0)
    tw.store(out, (i, j), seen, mask=i >= least)


@tw.kernel
def two_layouts(x, y, up, down, M: tw.constexpr, N: tw.constexpr):
    v = x[0:M, 0:N] + y[0:M, 0:N]
    up[0:M, 0:N] = v
    down[0:M, 0:N] = v * 2


@tw.kernel
def product(x, y, out, M: tw.constexpr, N: tw.constexpr, K: tw.constexpr):
    out[0:M, 0:N] = x[0:K, 0:M].T @ y[0:N, 0:K].T


@pytest.fixture
def streams() -> Iterator[None]:
    _native.set_stream_bytes(1)
    yield
    _native.set_stream_bytes(0)


def random(rng: np.random.Generator, shape: tuple[int, ...], dtype: type) -> NDArray:
    return rng.integers(0, 2 if dtype is np.bool_ else 100, shape).astype(dtype)


def at_an_end(rows: int, columns: int, dtype: type) -> NDArray:
    """An array that a page follows which nobody may read."""
    page, itemsize = mmap.PAGESIZE, np.dtype(dtype).itemsize
    size = -(-rows * columns * itemsize // page) * page
    memory = mmap.mmap(-1, size + page)
    begin = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.mprotect(ctypes.c_void_p(begin + size), ctypes.c_size_t(page), 0) == 0
    offset = size - rows * columns * itemsize
    return np.frombuffer(memory, dtype, rows * columns, offset).reshape(rows, columns)


@pytest.mark.usefixtures("streams")
@pytest.mark.parametrize("tile", [(64, 16), (17, 33)], ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_tiles_that_stick_out(
    rng: np.random.Generator, guarded: Guarded, dtype: type, tile: tuple[int, int]
) -> None:
    rows, columns = tile
    for _ in range(3):
        m, n = (int(size) for size in rng.integers(1, 150, 2))
        up, left = int(rng.integers(0, rows)), int(rng.integers(0, columns))
        x = at_an_end(m, n, dtype)
        x[...] = random(rng, (m, n), dtype)
        out = guarded((n, m), dtype, strides=(-(-m // 64) * 64 + int(rng.integers(0, 2)), 1))
        grid = tw.cdiv(n + left, columns), tw.cdiv(m + up, rows)
        transpose[grid](x, out, up, left, M=rows, N=columns)
        np.testing.assert_array_equal(out.view(f"u{out.itemsize}"), x.T.view(f"u{out.itemsize}"))


@pytest.mark.usefixtures("streams")
def test_outputs_that_begin_anywhere(rng: np.random.Generator) -> None:
    x = rng.random((256, 64), np.float32)
    for shift in (0, 1, 4, 16):
        for stride in (256, 272, 260):
            memory = np.full(64 * stride + 64, 7, np.float32)
            first = (-memory.ctypes.data % 64) // 4 + shift
            out = memory[first : first + 63 * stride + 256]
            out = np.lib.stride_tricks.as_strided(out, (64, 256), (4 * stride, 4))
            transpose[4, 4](x, out, 0, 0, M=64, N=16)
            np.testing.assert_array_equal(out, x.T)
            out[...] = 7
            assert (memory == 7).all()


@pytest.mark.parametrize("strides", [(-90, 1), (90, 2), (1, 70), (-1, 70), (90, -1)], ids=str)
@pytest.mark.parametrize("dtype", [np.uint8, np.float16, np.float32, np.float64])
def test_inputs_of_any_layout(
    rng: np.random.Generator, guarded: Guarded, dtype: type, strides: tuple[int, int]
) -> None:
    x, out = guarded((70, 45), dtype, strides=strides), guarded((45, 70), dtype)
    x[...] = random(rng, x.shape, dtype)
    transpose[3, 3](x, out, 0, 0, M=32, N=16)
    np.testing.assert_array_equal(out, x.T)


@pytest.mark.parametrize("layouts", ["FF", "CF", "FC"])
@pytest.mark.parametrize("dtype", [np.int8, np.float32, np.float64])
def test_columns_that_lie_together(
    rng: np.random.Generator, guarded: Guarded, dtype: type, layouts: str
) -> None:
    source, target = (None if layout == "C" else (1, 83) for layout in layouts)
    x, out = guarded((83, 53), dtype, strides=source), guarded((83, 53), dtype, strides=target)
    x[...] = random(rng, x.shape, dtype)
    copy[3, 2](x, out, M=32, N=32)
    np.testing.assert_array_equal(out, x)


@pytest.mark.parametrize("dtype", [np.int8, np.float16, np.float64])
def test_elements_of_several_sizes_in_one_loop(
    rng: np.random.Generator, guarded: Guarded, dtype: type
) -> None:
    m, n = 75, 43
    x, narrow = random(rng, (m, n), np.float32), random(rng, (m, n), dtype)
    row, column = random(rng, (m,), np.float32), random(rng, (n,), np.float32)
    before = random(rng, (n, m), np.float32)
    out, twice = guarded(before), guarded((n, m), np.float64)
    mixed[tw.cdiv(n, 16), tw.cdiv(m, 32)](x, narrow, row, column, out, twice, M=32, N=16)
    value = x.T * 2 + narrow.T.astype(np.float32) + before * row
    np.testing.assert_array_equal(out, value + column[:, None])
    np.testing.assert_array_equal(twice, value - row[:n, None])


def test_a_tile_that_is_kept_and_turned(rng: np.random.Generator, guarded: Guarded) -> None:
    for size in (5, 16, 40):
        x, out = rng.random((size, size), np.float32), guarded((size, size))
        kept[1](x, out, N=size)
        tile = np.exp(x.astype(np.float64)) + x
        np.testing.assert_allclose(out, tile.T * 3 + tile, rtol=1e-5)


@pytest.mark.parametrize("order", [(0, 2, 1), (1, 0, 2), (2, 1, 0), (2, 0, 1), (1, 2, 0)], ids=str)
@pytest.mark.parametrize("dtype", [np.int16, np.float64])
def test_three_axes(
    rng: np.random.Generator, guarded: Guarded, dtype: type, order: tuple[int, ...]
) -> None:
    x = random(rng, (9, 17, 20), dtype)
    expected = x.transpose(order) + 1
    out = guarded(expected.shape, dtype)
    axes[1](x, out, A=9, B=17, C=20, ORDER=order)
    np.testing.assert_array_equal(out, expected)


def test_memory_that_is_read_and_written(rng: np.random.Generator, guarded: Guarded) -> None:
    for size in (8, 37, 64):
        x = guarded(rng.random((size, size), np.float32))
        expected = x.T.copy()
        in_its_place[1](x, N=size)
        np.testing.assert_array_equal(x, expected)
    memory = guarded(rng.random(3000, np.float32))
    x, out = memory[:2304].reshape(48, 48), memory[100:2404].reshape(48, 48)
    expected, after = x.T.copy(), memory[2404:].copy()
    transpose[1, 1](x, out, 0, 0, M=48, N=48)
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(memory[2404:], after)


def test_elements_at_several_positions_take_the_last_one(rng: np.random.Generator) -> None:
    memory = np.zeros(200, np.float32)
    out = np.lib.stride_tricks.as_strided(memory, (32, 64), (8, 4))
    x = rng.random((64, 32), np.float32)
    transpose[1, 1](x, out, 0, 0, M=64, N=32)
    expected = np.zeros(200, np.float32)
    for i in range(32):
        expected[2 * i : 2 * i + 64] = x[:, i]
    np.testing.assert_array_equal(memory, expected)


def test_masks_and_fills(rng: np.random.Generator, guarded: Guarded) -> None:
    x, out = rng.random((40, 20), np.float32), guarded(np.full((24, 48), 7, np.float32))
    masked[1](x, out, 30, 3, M=24, N=48)
    first, second = np.full((24, 48), -1, np.float32), np.full((24, 48), -2, np.float32)
    first[:20, :30], first[20:, :30] = x.T[:, :30], -1
    second[:20, :40] = x.T
    expected = np.where(np.arange(24)[:, None] >= 3, first + second, 7)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.float16, np.int32, np.float64])
def test_outputs_of_two_layouts(rng: np.random.Generator, guarded: Guarded, dtype: type) -> None:
    x = random(rng, (35, 50), np.int32)
    y = np.asfortranarray(random(rng, (35, 50), np.int32))
    up, down = guarded((35, 50), dtype), guarded((35, 50), dtype, strides=(1, 36))
    two_layouts[1](x, y, up, down, M=40, N=56)
    np.testing.assert_array_equal(up, (x + y).astype(dtype))
    np.testing.assert_array_equal(down, ((x + y) * 2).astype(dtype))


def test_operands_of_products(rng: np.random.Generator, guarded: Guarded) -> None:
    for m, n, k in ((32, 32, 32), (13, 29, 17), (7, 64, 24)):
        x, y = rng.random((k, m), np.float32), rng.random((n, k), np.float32)
        out = guarded((m, n))
        product[1](x, y, out, M=m, N=n, K=k)
        np.testing.assert_allclose(out, x.T.astype(np.float64) @ y.T, rtol=1e-5)


@pytest.mark.parametrize("target", TARGETS)
def test_blocks_pass_through_registers(target: str) -> None:
    facts = "f32[:, ::1], f32[:, ::1], i32, i32; disjoint, narrow"
    found = transpose.inspect(facts, M=64, N=16, target=target)
    rows = {"cpu:x86-64-v3": 8, "cpu:x86-64-v4": 16, "cpu:aarch64": 4}[target]
    assert f"lanes along 1, {rows} rows along 0" in found.plan
    assert len(re.findall("unpckl|zip1|st2", found.asm)) >= rows


def test_arrays_of_columns_are_read_as_they_lie() -> None:
    columns = "f32[::1, :], f32[::1, :]; disjoint, narrow"
    plan = copy.inspect(columns, M=32, N=32, target="cpu:x86-64-v3").plan
    assert "in order (1, 0), 32 lanes along 0" in plan and "rows along" not in plan
