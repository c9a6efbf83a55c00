"""Random numbers: the bits of Philox 4x32-10 on every target, and what is made of them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

HALF = np.uint64(0xFFFFFFFF)
UPPER = np.uint64(32)


@tw.kernel
def numbers(words, uniform, normal, seed, offset, N: tw.constexpr):
    i = tw.arange(N)
    at = offset + i
    words[i] = tw.randint(seed, at)
    uniform[i] = tw.rand(seed, at)
    normal[i] = tw.randn(seed, at)


@tw.kernel
def from_arrays(seeds, offsets, words, N: tw.constexpr):
    i = tw.arange(N)
    words[i, i] = tw.randint(seeds[i], offsets[i])


@tw.kernel
def of_shape(words, M: tw.constexpr, N: tw.constexpr):
    row, column = tw.arange(M)[:, None], tw.arange(N)
    words[row, column] = tw.randint(row, column.to(tw.u64))


@tw.kernel
def where_odd(out, seed, N: tw.constexpr):
    i = tw.arange(N)
    found = tw.zeros(N)
    if i % 2 == 1:
        found = tw.rand(seed, i)
    out[i] = found


def philox(seed: NDArray, offset: NDArray) -> list[NDArray]:
    """The four words of each pair of 64-bit numbers."""
    seed, offset = np.broadcast_arrays(seed.astype(np.uint64), offset.astype(np.uint64))
    key = [seed & HALF, seed >> UPPER]
    words = [offset & HALF, offset >> UPPER, np.zeros_like(offset), np.zeros_like(offset)]
    for n in range(10):
        if n:
            key = [(key[0] + np.uint64(0x9E3779B9)) & HALF, (key[1] + np.uint64(0xBB67AE85)) & HALF]
        a, b = words[0] * np.uint64(0xD2511F53), words[2] * np.uint64(0xCD9E8D57)
        words = [
            (b >> UPPER) ^ words[1] ^ key[0],
            b & HALF,
            (a >> UPPER) ^ words[3] ^ key[1],
            a & HALF,
        ]
    return words


@pytest.fixture(params=["cpu", "interpreter"], autouse=True)
def target(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "1" if request.param == "interpreter" else "0")


def test_the_reference_gives_the_published_answer() -> None:
    zero = np.zeros((), np.int64)
    expected = [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]  # kat_vectors of Random123
    assert [int(word) for word in philox(zero, zero)] == expected


@pytest.mark.parametrize("count", [1, 7, 64, 1001])
@pytest.mark.parametrize(
    ("seed", "offset"), [(0, 0), (7, 5), (2**40 + 3, 2**35), (-3, -50), (2**31 - 1, 2**31 - 8)]
)
def test_numbers_are_those_of_the_reference(seed: int, offset: int, count: int) -> None:
    words = np.full(count, 99, np.uint32)
    uniform, normal = np.full((2, count), np.nan, np.float32)
    numbers[1](words, uniform, normal, seed, offset, count)
    # `offset + i` is computed in i32 where offset fits: it wraps there.
    wide = np.int32 if -(2**31) <= offset < 2**31 else np.int64
    with np.errstate(over="ignore"):
        at = np.full(count, offset, wide) + np.arange(count, dtype=np.int32)
    first, second, _, _ = philox(np.full(count, seed, np.int64), at.astype(np.int64))
    np.testing.assert_array_equal(words, first.astype(np.uint32))
    u, v = ((word >> np.uint64(8)).astype(np.float64) * 2.0**-24 for word in (first, second))
    np.testing.assert_array_equal(uniform, u.astype(np.float32))
    expected = np.sqrt(-2 * np.log(np.maximum(u, 2.0**-25))) * np.cos(2 * np.pi * v)
    np.testing.assert_allclose(normal, expected, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize(
    "dtype", [np.int8, np.uint8, np.int16, np.int32, np.uint32, np.int64, np.uint64]
)
def test_seeds_and_offsets_of_every_integer(rng: np.random.Generator, dtype: type) -> None:
    count, limits = 45, np.iinfo(dtype)
    seeds, offsets = rng.integers(limits.min, limits.max, (2, count), dtype, endpoint=True)
    words = np.zeros((count, count), np.uint32)
    from_arrays[1](seeds, offsets, words, count)
    expected = philox(seeds.astype(np.int64), offsets.astype(np.int64))[0]
    np.testing.assert_array_equal(np.diag(words), expected.astype(np.uint32))


def test_seed_and_offset_broadcast() -> None:
    words = np.zeros((5, 33), np.uint32)
    of_shape[1](words, 5, 33)
    np.testing.assert_array_equal(words, philox(np.arange(5)[:, None], np.arange(33))[0])


def test_lanes_that_are_on_get_theirs() -> None:
    out = np.full(50, np.nan, np.float32)
    where_odd[1](out, 11, 50)
    words = philox(np.full(50, 11), np.arange(50))[0]
    expected = np.where(np.arange(50) % 2, (words >> np.uint64(8)) * 2.0**-24, 0)
    np.testing.assert_array_equal(out, expected.astype(np.float32))


def test_moments_are_those_of_the_distributions() -> None:
    count = 2**16
    words = np.empty(count, np.uint32)
    uniform, normal = np.empty((2, count), np.float32)
    numbers[1](words, uniform, normal, 2024, 0, count)
    assert 0 <= uniform.min() and uniform.max() < 1
    assert abs(uniform.mean() - 0.5) < 0.006 and abs(uniform.var() - 1 / 12) < 0.003
    assert abs(normal.mean()) < 0.02 and abs(normal.var() - 1) < 0.03
    assert abs((normal**3).mean()) < 0.06 and abs((normal**4).mean() - 3) < 0.2


@tw.kernel
def with_float_seed(out):
    out[0] = tw.rand(0.5, 1)


@tw.kernel
def with_float_offset(out, x):
    out[0] = tw.rand(1, x)


@tw.kernel
def with_huge_seed(out):
    out[0] = tw.rand(18446744073709551616, 1)


@pytest.mark.parametrize(
    ("kernel", "arguments", "message"),
    [
        (with_float_seed, (), "seed is .*0.5.*expected an integer"),
        (with_float_offset, (0.5,), "offset is .*f32.*expected an integer"),
        (with_huge_seed, (), "18446744073709551616"),
    ],
)
def test_what_is_no_integer_is_refused(kernel: tw.Kernel, arguments: tuple, message: str) -> None:
    out = np.zeros(1, np.float32)
    with pytest.raises(tw.CompileError, match=message):
        kernel[1](out, *arguments)
