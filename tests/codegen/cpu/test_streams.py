"""Stores past the caches: the same results, from the first byte to the last."""

from __future__ import annotations

from collections.abc import Iterator

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw
from tilewright import _native

MARGIN = 64


@tw.kernel
def triad(a, x, y, out, BLOCK: tw.constexpr):
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = a * x[i] + y[i]


@tw.kernel
def rows(x, out, low, COLS: tw.constexpr):
    row = tw.program_id(0)
    v = x[row, 0:COLS]
    out[row, 0:COLS] = v * 2
    low[row, 0:COLS] = (v - 1).to(low.dtype)


@tw.kernel
def in_place(x, BLOCK: tw.constexpr):
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    x[i] = x[i] + 1


@tw.kernel
def masked(x, out, n, BLOCK: tw.constexpr):
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    tw.store(out, i, x[i], mask=i % 3 != 0)
    if i < n:
        out[i] = x[i] + 1


@tw.kernel
def turned(x, out, M: tw.constexpr, N: tw.constexpr):
    out[0:N, 0:M] = x[0:M, 0:N].T


@pytest.fixture(autouse=True)
def always() -> Iterator[None]:
    _native.set_stream_bytes(1)
    yield
    _native.set_stream_bytes(0)


def window(count: int, dtype: type, shift: int) -> tuple[NDArray, NDArray]:
    """Marked memory, and a window of it that begins at a multiple of 64 bytes and some elements."""
    memory = np.full(count + 2 * MARGIN + 64, 7, dtype)
    first = MARGIN + (-memory[MARGIN:].ctypes.data % 64) // memory.itemsize + shift
    return memory, memory[first : first + count]


def assert_rest_is_marked(memory: NDArray, inside: NDArray) -> None:
    first = (inside.ctypes.data - memory.ctypes.data) // memory.itemsize
    assert (memory[:first] == 7).all() and (memory[first + inside.size :] == 7).all()


@pytest.mark.parametrize("shift", [0, 1, 2, 4, 8, 15])
@pytest.mark.parametrize("count", [1, 100, 1024, 4096, 10_000])
@pytest.mark.parametrize(
    "dtype", [np.float32, np.float64, np.float16, ml_dtypes.bfloat16, np.int32, np.uint8]
)
def test_a_whole_array(rng: np.random.Generator, dtype: type, count: int, shift: int) -> None:
    x, y = (rng.integers(0, 9, count).astype(dtype) for _ in range(2))
    memory, out = window(count, dtype, shift)
    triad[tw.cdiv(count, 4096)](2, x, y, out, 4096)
    np.testing.assert_array_equal(
        out, (2 * x.astype(np.float64) + y.astype(np.float64)).astype(dtype)
    )
    assert_rest_is_marked(memory, out)


@pytest.mark.parametrize("cols", [256, 300, 781, 1024])
@pytest.mark.parametrize(
    ("dtype", "shift"),
    [(np.int32, 0), (np.float32, 3), (np.float16, 0), (np.int8, 1), (np.bool_, 0)],
)
def test_rows_of_two_outputs(rng: np.random.Generator, cols: int, dtype: type, shift: int) -> None:
    """Two that begin at the same place of a line, at different ones, and with other lines."""
    x = rng.integers(0, 9, (5, cols)).astype(np.float32)
    memory, flat = window(5 * cols, np.float32, 0)
    others, low = window(5 * cols, dtype, shift)
    rows[5](x, flat.reshape(5, cols), low.reshape(5, cols), cols)
    np.testing.assert_array_equal(flat.reshape(5, cols), x * 2)
    np.testing.assert_array_equal(low.reshape(5, cols), (x - 1).astype(dtype))
    assert_rest_is_marked(memory, flat)
    if dtype is not np.bool_:
        assert_rest_is_marked(others, low)


@tw.kernel
def running(x, out, twice, COLS: tw.constexpr):
    row = tw.program_id(0)
    v = tw.cumsum(x[row, 0:COLS])
    out[row, 0:COLS] = v
    twice[row, 0:COLS] = v * 2


@pytest.mark.parametrize("shift", [0, 1, 4, 15])
@pytest.mark.parametrize("cols", [8, 512, 781, 1040])
def test_running_sums(rng: np.random.Generator, cols: int, shift: int) -> None:
    """What runs on from vector to vector passes the ends of the lines in order."""
    x = rng.integers(-9, 9, (5, cols)).astype(np.int32)
    memory, flat = window(5 * cols, np.int32, shift)
    others, twice = window(5 * cols, np.int32, shift)
    running[5](x, flat.reshape(5, cols), twice.reshape(5, cols), cols)
    np.testing.assert_array_equal(flat.reshape(5, cols), x.cumsum(1))
    np.testing.assert_array_equal(twice.reshape(5, cols), 2 * x.cumsum(1))
    assert_rest_is_marked(memory, flat)
    assert_rest_is_marked(others, twice)


def test_what_is_read_too(rng: np.random.Generator) -> None:
    x = rng.random(10_000, np.float32)
    expected = x + 1
    in_place[10](x, 1024)
    np.testing.assert_array_equal(x, expected)


def test_masks_and_lanes(rng: np.random.Generator) -> None:
    x, out = rng.random(5000, np.float32), np.full(5000, np.nan, np.float32)
    masked[5](x, out, 2048, 1024)
    i = np.arange(5000)
    expected = np.where(i < 2048, x + 1, np.where(i % 3 != 0, x, np.nan)).astype(np.float32)
    np.testing.assert_array_equal(out, expected)


def test_strides_that_leave_gaps(rng: np.random.Generator) -> None:
    x, out = rng.random((300, 40), np.float32), np.zeros((40, 300), np.float32)
    turned[1](x, out, 300, 40)
    np.testing.assert_array_equal(out, x.T)
    wide = np.zeros((40, 600), np.float32)
    turned[1](x, wide[:, ::2], 300, 40)
    np.testing.assert_array_equal(wide[:, ::2], x.T)
    assert not wide[:, 1::2].any()


def test_arguments_that_overlap(rng: np.random.Generator) -> None:
    memory = rng.random(9000, np.float32)
    x, out = memory[:8192], memory[512:8704]
    expected = memory.copy()
    for first in range(0, 8192, 1024):
        expected[512 + first : 1536 + first] = 2 * expected[first : first + 1024] + 1
    with_ones = np.ones(8192, np.float32)
    before = _native.get_num_threads()
    _native.set_num_threads(1)
    triad[8](2, x, with_ones, out, 1024)
    _native.set_num_threads(before)
    np.testing.assert_array_equal(memory, expected)


def test_only_large_outputs_are_streamed() -> None:
    text = str(triad.inspect(2, *(np.zeros(4096, np.float32) for _ in range(3)), 1024).llvm)
    assert text.count("!nontemporal") == 1 and "sfence" in text
    assert "!nontemporal" not in str(in_place.inspect(np.zeros(4096, np.float32), 1024).llvm)


def test_a_negative_size_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        _native.set_stream_bytes(-1)


def test_a_stream_may_begin_anywhere() -> None:
    """What lies before the first whole line, and behind the last, is written otherwise."""
    found = triad.inspect(
        "f32, f32[::1], f32[::1], f32[::1]; disjoint, narrow", BLOCK=1024, target="cpu:x86-64-v3"
    )
    assert "align 64, !nontemporal" in found.llvm
    assert "vmovntps\t%ymm" in found.asm


@tw.kernel
def masked_rows(x, out, n, M: tw.constexpr, N: tw.constexpr):
    row = tw.program_id(0) * M
    inside = row + tw.arange(M)[:, None] < n
    tw.store(out, (tw.block(row, M), tw.block(0, N)), x[row : row + M, 0:N] + 1, mask=inside)


def test_a_mask_of_rows_leaves_the_interior_alone(rng: np.random.Generator) -> None:
    x = rng.standard_normal((10, 512), np.float32)
    memory, flat = window(10 * 512, np.float32, 3)
    out = flat.reshape(10, 512)
    masked_rows[3](x, out, 7, M=4, N=512)
    np.testing.assert_array_equal(out[:7], x[:7] + 1)
    assert (out[7:] == 7).all()
    assert_rest_is_marked(memory, flat)
    arrays = "f32[:, ::1], f32[:, ::1]"
    masked_rows_asm = masked_rows.inspect(
        f"{arrays}, i32; disjoint, narrow", M=4, N=512, target="cpu:x86-64-v3"
    ).asm
    assert masked_rows_asm.count("vaddps") > 4  # the interior's four registers, then the edge's


@tw.kernel
def stored_and_multiplied(a, x, stored, out, M: tw.constexpr, K: tw.constexpr, N: tw.constexpr):
    x[0, 0] = 1
    tile = x[0:K, 0:N] * 2
    stored[0:K, 0:N] = tile
    out[0:M, 0:N] = a[0:M, 0:K] @ tile


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_stored_may_be_an_operand_too(rng: np.random.Generator, dtype: type) -> None:
    """Operands lie in panels, into the next of which no vector may reach."""
    m, k, n = 30, 9, 520
    a, x = (rng.integers(-4, 5, shape).astype(dtype) for shape in ((m, k), (k, n)))
    for shift in (0, 3, 5):
        memory, flat = window(k * n, dtype, shift)
        out = np.full((m, n), 7, dtype)
        stored_and_multiplied[1](a, x, flat.reshape(k, n), out, M=m, K=k, N=n)
        assert x[0, 0] == 1
        np.testing.assert_array_equal(flat.reshape(k, n), x * 2)
        np.testing.assert_array_equal(out, a @ (x * 2))
        assert_rest_is_marked(memory, flat)
