"""Atomics of programs that really run at the same time: nothing is lost, nothing done twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ml_dtypes
import numpy as np
import pytest

import tilewright as tw
from tilewright import _native

PROGRAMS = 4000
WIDTH = 256

INTEGERS = ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")
NARROW = ("f2", ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2)


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    """Run launches on two threads."""
    before = _native.get_num_threads()
    _native.set_num_threads(2)
    yield
    _native.set_num_threads(before)


@tw.kernel
def adds(x, value, N: tw.constexpr):
    """Additions to a few elements, in a tile and one by one."""
    i = tw.arange(N) % 5
    tw.atomic_add(x, i, value)
    for k in range(3):
        tw.atomic_add(x, k, value)


@pytest.mark.parametrize("dtype", [*INTEGERS, "f4", "f8"])
def test_sums(dtype: str) -> None:
    """So long that on a busy machine, too, both threads are at it at the same time."""
    count = np.bincount(np.arange(WIDTH) % 5, minlength=5)
    count[:3] += 1
    for _ in range(3):
        x = np.zeros(5, dtype)
        adds[10 * PROGRAMS](x, 1, N=WIDTH)
        assert x.tolist() == (count * 10 * PROGRAMS).astype(dtype).tolist()


@tw.kernel
def reduced_adds(x, v, N: tw.constexpr):
    """Sums that are combined before the atomic."""
    p = tw.program_id(0)
    tw.atomic_add(x, 0, v[p * N : (p + 1) * N])
    tw.atomic_max(x, 1, v[p * N : (p + 1) * N])


@pytest.mark.parametrize("dtype", INTEGERS)
def test_sums_that_are_combined_first(dtype: str, rng: np.random.Generator) -> None:
    ends = np.iinfo(dtype)
    v = rng.integers(ends.min, ends.max, 2**20, dtype)
    x = np.zeros(2, dtype)
    reduced_adds[2**20 // WIDTH](x, v, N=WIDTH)
    assert x.tolist() == [v.sum(dtype=dtype), max(v.max(), 0)]


@tw.kernel
def adds_and_subtracts(x, N: tw.constexpr):
    """Leaves 0; in between there are at most a few on top, which every dtype holds."""
    for k in range(N):
        tw.atomic_add(x, k % 2, 1)
        tw.atomic_add(x, k % 2, -1)


@pytest.mark.parametrize("dtype", NARROW, ids=str)
def test_sums_that_are_tried_until_nothing_came_between(dtype: Any) -> None:
    x = np.zeros(2, dtype)
    adds_and_subtracts[PROGRAMS](x, N=WIDTH)
    assert x.astype(np.float32).tolist() == [0.0, 0.0]


@tw.kernel
def extremes(low, high, v, N: tw.constexpr):
    """The least and largest of all."""
    i = tw.program_id(0) * N + tw.arange(N)
    tw.atomic_min(low, i % 3, v[i])
    tw.atomic_max(high, i % 3, v[i])


@pytest.mark.parametrize("dtype", [*INTEGERS, *NARROW, "f4", "f8"], ids=str)
def test_extremes(dtype: Any, rng: np.random.Generator) -> None:
    steps = np.cumsum(rng.random(3 * 2**17) < 0.01)  # rises: the extremes move often
    v = (steps % 400 if np.dtype(dtype).itemsize < 4 else steps).astype(dtype)
    low, high = v[:3].copy(), v[:3].copy()
    extremes[v.size // WIDTH](low, high, v, N=WIDTH)
    number = v.astype(np.float64)
    for k in range(3):
        assert low.astype(np.float64)[k] == number[k::3].min()
        assert high.astype(np.float64)[k] == number[k::3].max()


@tw.kernel
def flips(x, N: tw.constexpr):
    """Each program flips a bit an odd number of times, and sets one of its own."""
    p = tw.program_id(0)
    tw.atomic_xor(x, tw.arange(N) % 1, 1)
    tw.atomic_or_(x, 1 + p // 8, 1 << (p % 8))
    tw.atomic_and_(x, 600 + p // 8, ~(1 << (p % 8)))


@pytest.mark.parametrize("dtype", ["u1", "u2", "i4", "i8"])
def test_bits(dtype: str) -> None:
    x = np.zeros(1200, dtype)
    x[600:] = 255 if dtype != "i1" else -1
    flips[4001](x, N=257)
    want = np.zeros(1200, np.int64)
    want[0] = 1
    want[1:501], want[501] = 255, 1
    want[600 + 501 :] = 255
    want[600 + 500] = 254
    assert x.tolist() == want.tolist()


@tw.kernel
def flips_booleans(x, N: tw.constexpr):
    """An odd number of flips for each program."""
    tw.atomic_xor(x, tw.arange(N) % 1, True)


def test_flips_of_booleans() -> None:
    x = np.zeros(1, np.bool_)
    flips_booleans[4001](x, N=257)
    assert x.tolist() == [True]


@tw.kernel
def hands_on(x, got, N: tw.constexpr):
    """Everybody puts a number of its own and takes the one that was there."""
    i = tw.program_id(0) * N + tw.arange(N)
    got[i] = tw.atomic_xchg(x, i % 2, i + 1)


@pytest.mark.parametrize("dtype", ["i4", "i8", "f4", "f8"])
def test_exchanges_lose_nothing(dtype: str) -> None:
    count = 2**19
    x, got = np.zeros(2, dtype), np.full(count, -1, dtype)
    hands_on[count // WIDTH](x, got, N=WIDTH)
    assert sorted([*got.tolist(), *x.tolist()]) == sorted([0, 0, *range(1, count + 1)])


@tw.kernel
def counts_by_exchange(x, N: tw.constexpr):
    """Each lane tries until its own increment is the one that is taken."""
    is_open = tw.arange(N) >= 0
    while is_open:
        seen = tw.atomic_or_(x, 0, 0)
        is_open = tw.atomic_cas(x, 0, seen, seen + 1, order="acq_rel") != seen


@pytest.mark.parametrize("dtype", ["u2", "i4", "i8"])
def test_a_loop_of_compare_and_exchange(dtype: str) -> None:
    x = np.zeros(1, dtype)
    counts_by_exchange[PROGRAMS](x, N=16)
    assert x.tolist() == [16 * PROGRAMS % 65536 if dtype == "u2" else 16 * PROGRAMS]


@tw.kernel
def takes_numbers(next_one, taken, N: tw.constexpr):
    """Old values are all different: nobody gets the number of another."""
    place = tw.atomic_add(next_one, 0, tw.full(N, 1, tw.i32))
    taken[place] = 1


def test_everybody_gets_another_number() -> None:
    count = 2**20
    counter, taken = np.zeros(1, np.int32), np.zeros(count, np.int8)
    takes_numbers[count // WIDTH](counter, taken, N=WIDTH)
    assert counter[0] == count
    assert taken.all()
