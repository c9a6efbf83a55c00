"""Small products whose operands are read in their arrays, or copied where these end too soon."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Guarded = Callable[..., NDArray]


@tw.kernel
def batched(a, b, c, M: tw.constexpr, K: tw.constexpr, N: tw.constexpr):
    p = tw.program_id(0)
    c[p, 0:M, 0:N] = a[p, 0:M, 0:K] @ b[p, 0:K, 0:N]


@tw.kernel
def blocks(a, b, c, i, j, k, M: tw.constexpr, K: tw.constexpr, N: tw.constexpr):
    left = a[0]
    product = left[i : i + M, k : k + K] @ b[k : k + K, j + tw.arange(N)]
    c[0:M, 0:N] = product + 1


@tw.kernel
def before(a, b, c, N: tw.constexpr):
    left, right = a[0:N, 0:N], b[0:N, 0:N]
    a[0:N, 0:N] = right
    c[0:N, 0:N] = left @ right


def integers(rng: np.random.Generator, shape: tuple[int, ...], dtype: type) -> NDArray:
    return rng.integers(-4, 5, shape).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.int64])
@pytest.mark.parametrize("sizes", [(32, 32, 32), (7, 5, 19), (1, 9, 3), (16, 1, 16)], ids=str)
def test_batches(
    rng: np.random.Generator, guarded: Guarded, dtype: type, sizes: tuple[int, int, int]
) -> None:
    m, k, n = sizes
    a, b = integers(rng, (5, m, k), dtype), integers(rng, (5, k, n), dtype)
    c = guarded((5, m, n), dtype)
    batched[5](a, b, c, M=m, K=k, N=n)
    np.testing.assert_array_equal(c, a @ b)


def test_arrays_that_are_smaller_than_the_tiles(rng: np.random.Generator, guarded: Guarded) -> None:
    for _ in range(20):
        m, k, n = (int(size) for size in rng.integers(1, 25, 3))
        a, b = integers(rng, (2, m, k), np.float32), integers(rng, (2, k, n), np.float32)
        c = guarded((2, m, n))
        batched[2](a, b, c, M=16, K=12, N=20)
        expected = a[:, :16, :12] @ b[:, :12, :20]
        np.testing.assert_array_equal(c[:, :16, :20], expected)


@pytest.mark.parametrize("strides", [(24, 1), (40, 1), (-24, 1), (5000, 1), (1, 24)], ids=str)
def test_blocks_anywhere(
    rng: np.random.Generator, guarded: Guarded, strides: tuple[int, int]
) -> None:
    a = guarded(integers(rng, (24, 24), np.float32), strides=strides)
    b = guarded(integers(rng, (24, 24), np.float32), strides=strides)
    for i, j, k in ((0, 0, 0), (3, 2, 1), (20, 0, 0), (0, 20, 0), (0, 0, 20), (-3, -2, -1)):
        c = guarded((9, 10))
        blocks[1](a[None], b, c, i, j, k, M=9, K=11, N=10)
        left, right = np.zeros((9, 11), np.float32), np.zeros((11, 10), np.float32)
        for target, source, rows, columns in ((left, a, i, k), (right, b, k, j)):
            for y in range(target.shape[0]):
                for x in range(target.shape[1]):
                    if 0 <= rows + y < 24 and 0 <= columns + x < 24:
                        target[y, x] = source[rows + y, columns + x]
        np.testing.assert_array_equal(c, left @ right + 1)


def test_an_operand_that_is_overwritten_is_read_before(
    rng: np.random.Generator, guarded: Guarded
) -> None:
    a, b = (integers(rng, (16, 16), np.float32) for _ in range(2))
    for shared in (guarded(a), guarded((16, 16))):
        first, c = guarded(a), guarded((16, 16))
        before[1](first, b, c, N=16)
        np.testing.assert_array_equal(c, a @ b)
        np.testing.assert_array_equal(first, b)
        shared[...] = a
        before[1](shared, b, shared, N=16)
        np.testing.assert_array_equal(shared, a @ b)


def test_which_operands_are_borrowed() -> None:
    arrays = "f32[:, :, ::1], f32[:, :, ::1], f32[:, :, ::1]"
    target = "cpu:x86-64-v3"
    small = batched.inspect(f"{arrays}; disjoint, narrow", M=32, K=32, N=32, target=target)
    assert str(small.plan).count("borrow") == 2
    large = batched.inspect(f"{arrays}; disjoint, narrow", M=64, K=64, N=64, target=target)
    assert "borrow" not in str(large.plan)
    wide = batched.inspect(f"{arrays}; disjoint", M=32, K=32, N=32, target=target)
    assert "borrow" not in str(wide.plan)
