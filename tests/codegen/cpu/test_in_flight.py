"""Lane loops that take several vectors through their rounds at once: the same results."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Guarded = Callable[..., NDArray]


def plan_of(kernel: tw.Kernel, signature: str, **constants: int) -> str:
    shown = kernel.inspect(signature, target="cpu:x86-64-v3", **constants)
    return str(shown.stages["plan"])


@tw.kernel
def collatz(x, out, steps, peak, N: tw.constexpr):
    i = tw.program_id(0) * N + tw.arange(N)
    v, n, top = x[i], tw.zeros(N, x.dtype), x[i]
    while v > 1:
        if v % 2 == 0:
            v = v // 2
        else:
            v = 3 * v + 1
            top = tw.maximum(top, v)
        n += 1
    out[i] = v
    steps[i] = n
    peak[i] = top


@pytest.mark.parametrize("dtype", [np.int16, np.int64, np.uint32])
@pytest.mark.parametrize("n", [16, 48, 65])
def test_values_are_those_of_the_last_round_of_each_lane(
    guarded: Guarded, rng: np.random.Generator, n: int, dtype: type
) -> None:
    """Counts and values, with an array that ends inside the second program's tile."""
    size = int(rng.integers(n + 1, 2 * n))
    x = rng.integers(0, 27, size).astype(dtype)  # from 27 on i16 is left
    out, steps, peak = (guarded(size, dtype) for _ in range(3))
    collatz[2](guarded(x), out, steps, peak, N=n)
    for k, v in enumerate(x.tolist()):
        count, top = 0, v
        while v > 1:
            v = v // 2 if v % 2 == 0 else 3 * v + 1
            count, top = count + 1, max(top, v)
        assert [out[k], steps[k], peak[k]] == [v, count, top]


@tw.kernel
def walk(follow, start, out, last, sums, N: tw.constexpr, M: tw.constexpr):
    """Lists followed by two axes of lanes, down by a counter, through an array with an edge."""
    r = tw.program_id(0) * M + tw.arange(M)[:, None]
    c = tw.arange(N)[None, :]
    at, left, total = start[r, c], 12 + 0 * c + 0 * r, 0.0 * start[r, c]
    while (left > 0) & (at >= 0):
        total += 0.5 * at
        for k in range(2):
            if (at + k) % 3 == 0:
                total += 1.0
        last[r, c] = left
        at = follow[at]
        left -= 1
    out[r, c] = at
    sums[r, c] = total + left


@tw.kernel
def search(table, x, out, N: tw.constexpr):
    """The place of each number in a sorted table; what lanes that are off read is not seen."""
    i = tw.program_id(0) * N + tw.arange(N)
    v = tw.load(x, i, fill=-1.0)
    low, high = tw.zeros(N, tw.i32), tw.zeros(N, tw.i32) + table.shape[0].to(tw.i32)
    while low < high:
        middle = (low + high) // 2
        is_less = table[middle] < v
        low = tw.where(is_less, middle + 1, low)
        high = tw.where(is_less, high, middle)
    out[i] = low


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [16, 40, 128])
def test_loads_in_a_loop(guarded: Guarded, rng: np.random.Generator, n: int, dtype: type) -> None:
    table = np.sort(rng.random(int(rng.integers(1, 200)))).astype(dtype)
    x = guarded(rng.random(int(rng.integers(n + 1, 3 * n))).astype(dtype))
    out = guarded(x.size, np.int32)
    search[3](guarded(table), x, out, N=n)
    np.testing.assert_array_equal(out, np.searchsorted(table, x))


@pytest.mark.parametrize("n", [33, 64])
def test_stores_and_loops_inside(guarded: Guarded, rng: np.random.Generator, n: int) -> None:
    rows, cols = int(rng.integers(3, 5)), int(rng.integers(n // 2, n + 1))
    follow = rng.integers(-1, 90, 90).astype(np.int32)
    start = rng.integers(-2, 90, (rows, cols)).astype(np.int32)
    out, last = guarded((rows, cols), np.int32), guarded(np.zeros((rows, cols), np.int32))
    sums = guarded((rows, cols), np.float32)
    walk[2](guarded(follow), guarded(start), out, last, sums, N=n, M=2)
    for (r, c), at in np.ndenumerate(start):
        left, total, seen = 12, 0.0, 0
        while left > 0 and at >= 0:
            total += 0.5 * at + ((at % 3 == 0) + ((at + 1) % 3 == 0))
            seen, at, left = left, follow[at], left - 1
        assert [out[r, c], last[r, c], sums[r, c]] == [at, seen, total + left]


@tw.kernel
def escape(out, z, box, ITERS: tw.constexpr, N: tw.constexpr, KEEP: tw.constexpr):
    i = tw.program_id(0) * N + tw.arange(N)
    c = box + i * 0.01
    v, n = 0.0 * c, tw.zeros(N, tw.i32)
    while (n < ITERS) & (v < 4.0):
        v = v * v + c
        n += 1
    out[i] = n
    if KEEP:
        z[i] = v


@pytest.mark.parametrize("fastmath", [False, True])
@pytest.mark.parametrize("keep", [False, True])
def test_only_what_is_read_is_kept_where_lanes_are_off(
    guarded: Guarded, rng: np.random.Generator, keep: bool, fastmath: bool
) -> None:
    """What lanes that are off compute overflows, and is not a number soon after."""
    kernel = tw.kernel(fastmath=fastmath)(escape.definition.function)
    box = np.float32(rng.random() - 0.5)
    out, z = guarded(64, np.int32), guarded(np.zeros(64, np.float32))
    kernel[1](out, z, box, ITERS=100, N=64, KEEP=keep)
    for k in range(64):
        c = np.float32(np.float64(np.float32(0.01)) * k + np.float64(box))
        v, count = np.float32(0), 0
        while count < 100 and v < 4:
            v, count = np.float32(np.float64(v) * np.float64(v) + np.float64(c)), count + 1
        assert out[k] == count
        assert z[k] == (v if keep else 0)


def test_the_vectors_in_flight_fit_into_the_registers() -> None:
    signature = "i32[::1], f32[::1], f32"
    constants = {"ITERS": 100, "KEEP": False}
    assert "2 vectors in flight" in plan_of(escape, signature, N=64, **constants)
    assert "in flight" not in plan_of(escape, signature, N=8, **constants)
    assert "in flight" not in plan_of(escape, signature, N=40, **constants)
    assert "2 vectors in flight" in plan_of(collatz, "i32[::1], i32[::1], i32[::1], i32[::1]", N=48)
    assert "2 vectors in flight" in plan_of(search, "f32[::1], f32[::1], i32[::1]", N=128)
    lists = "i32[::1], i32[:, ::1], i32[:, ::1], i32[:, ::1], f32[:, ::1]"
    assert "in flight" not in plan_of(walk, lists, N=16, M=2)  # it stores
