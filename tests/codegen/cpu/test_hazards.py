"""What the planner must not mix up: kernels whose tiles and arrays get in each other's way.

Each kernel runs as the interpreter runs it, which does one op after another.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

import tilewright as tw


@dataclass(frozen=True)
class Arguments:
    """Makes arguments of small whole numbers: every sum of them is exact."""

    rng: np.random.Generator

    def floats(self, *shape: int) -> NDArray:
        """An input of floats."""
        return self.rng.integers(-4, 5, shape).astype(np.float32)

    def integers(self, *shape: int) -> NDArray:
        """An input of integers."""
        return self.rng.integers(-5, 6, shape).astype(np.int32)

    def output(self, *shape: int) -> NDArray:
        """An array to write to, in which what is not written shows."""
        return np.full(shape, -99, np.float32)

    def overlapping(self, count: int, shift: int) -> tuple[NDArray, NDArray]:
        """Two arrays, the second of which begins in the first."""
        memory = self.floats(count + shift)
        return memory[:count], memory[shift : shift + count]

    def windows(self, rows: int, count: int, step: int) -> NDArray:
        """An array each row of which begins in the one before, or with a step of 0 is that."""
        memory = self.floats(count + rows * step)
        return as_strided(memory, (rows, count), (4 * step, 4))


CASES: list[tuple[Callable[..., None], Callable[[Arguments], tuple]]] = []


def case(arguments: Callable[[Arguments], tuple]) -> Callable:
    """Run the kernel with these arguments."""

    def register(kernel: Callable[..., None]) -> Callable[..., None]:
        CASES.append((kernel, arguments))
        return kernel

    return register


@case(lambda make: (make.floats(50), make.floats(50), make.output(3, 50)))
def swap(a, b, out, N: tw.constexpr = 50):
    x, y = a[0:N], b[0:N]
    for _k in range(5):
        x, y = y, x + y
        out[0, 0:N] = x
    out[1, 0:N] = x
    out[2, 0:N] = y


def in_windows(x, out, N: tw.constexpr = 40):
    x[0, 0:N] = x[2, 0:N] - 1
    out[0, 0:N] = x[1, 0:N]
    x[1, 0:N] = x[0, 0:N] * 2
    out[1, 0:N] = x[0, 0:N] + x[1, 0:N]
    x[0:3, 0:N] = x[0:3, 0:N] + 1


for step in (0, 1, 8):
    case(lambda make, step=step: (make.windows(3, 40, step), make.output(2, 40)))(in_windows)


@case(lambda make: (make.floats(50), make.floats(50), make.floats(50), make.output(3, 50)))
def rotate(a, b, c, out, N: tw.constexpr = 50):
    x, y, z = a[0:N], b[0:N], c[0:N]
    for _k in range(4):
        s = tw.sum(x)
        x, y, z = y * 2, z - s, x
    out[0, 0:N] = x
    out[1, 0:N] = y
    out[2, 0:N] = z


@case(lambda make: (make.floats(50), make.output(3, 50), 0))
def zero_trips(a, out, n, N: tw.constexpr = 50):
    x = a[0:N]
    y = x * 2
    for _k in range(n):
        y = y + tw.cumsum(x)
        out[0, 0:N] = y
    out[1, 0:N] = y
    out[2, 0:N] = x


@case(lambda make: (*make.overlapping(60, 3), make.output(2, 60)))
def overlap1(a, b, out, N: tw.constexpr = 60):
    x = a[0:N]
    b[0:N] = x * 2
    y = a[0:N]
    out[0, 0:N] = x
    out[1, 0:N] = y


@case(lambda make: make.overlapping(60, 1))
def overlap2(a, b, N: tw.constexpr = 60):
    b[0:N] = a[0:N] + 1
    a[0:N] = b[0:N] * 2
    b[0:N] = a[0:N] + b[0:N]


@case(lambda make: (*make.overlapping(64, 5), 3))
def overlap3(a, b, n, N: tw.constexpr = 16):
    for k in range(n):
        v = a[k * N : (k + 1) * N]
        w = b[k * N : (k + 1) * N]
        b[k * N : (k + 1) * N] = v + 1
        a[k * N : (k + 1) * N] = w - v


@case(lambda make: (make.floats(40), make.output(3, 40)))
def in_and_out(a, out, N: tw.constexpr = 40):
    v = tw.exp(a[0:N]) * 3 + 1
    t = tw.zeros(N, tw.f32)
    for k in range(3):
        t = t + v * k
        out[0, 0:N] = tw.flip(t, 0)
    out[1, 0:N] = v
    out[2, 0:N] = tw.flip(v, 0) + t


@case(lambda make: (make.floats(40), make.output(3, 40), 5))
def if_in_for(a, out, n, N: tw.constexpr = 40):
    v = a[0:N]
    w = v
    for k in range(n):
        if k % 2 == 0:
            v = v + 1
            w = tw.cumsum(v)
        else:
            v = v * 2 - w
            if k == 3:
                w = tw.flip(w, 0)
    out[0, 0:N] = v
    out[1, 0:N] = w


@case(lambda make: (make.floats(40), make.output(3, 40), 5))
def break_with_tiles(a, out, n, N: tw.constexpr = 40):
    v = a[0:N]
    w = v
    for k in range(10):
        v, w = w + k, v
        if k == n:
            break
        if k % 2 == 1:
            continue
        w = w + tw.flip(v, 0)
    out[0, 0:N] = v
    out[1, 0:N] = w


@tw.func
def early(v, n):
    s = tw.cumsum(v)
    if n > 3:
        return s
    for k in range(n):
        v = v + s
        if k == 1:
            return tw.flip(v, 0)
    return v


@case(lambda make: (make.floats(40), make.output(3, 40), 2))
def nested_early(a, out, n, N: tw.constexpr = 40):
    v = a[0:N]
    for k in range(n, n + 4):
        v = early(v, k) - v
        out[0, 0:N] = v
    out[1, 0:N] = early(early(v, 1), 2)
    out[2, 0:N] = v


@case(
    lambda make: (
        make.floats(6, 10),
        make.output(6, 10),
        make.output(10),
        make.output(6),
        make.output(1),
    )
)
def views(a, o, o1, o2, o3):
    v = a[0:6, 0:10]
    t = v.T
    o1[0:10] = tw.sum(t, 1)
    o2[0:6] = tw.sum(tw.flip(t, 0), 0) + tw.sum(t[2:5], 0)
    o[0:6, 0:10] = tw.flip(tw.flip(v, 1), 0) + v
    o3[0] = tw.max(t[3:7, 1:4])


@case(
    lambda make: (
        make.floats(7, 9),
        make.floats(7, 11),
        make.output(9, 11),
        make.output(9, 11),
        make.output(5, 4),
    )
)
def dots(a, b, o, o1, o2):
    v, w = a[0:7, 0:9], b[0:7, 0:11]
    o[0:9, 0:11] = v.T @ w
    o1[0:9, 0:11] = tw.flip(v, 1).T @ tw.flip(w, 1)
    o2[0:5, 0:4] = v[1:6, 2:6] @ w[2:6, 3:7]


@case(
    lambda make: (
        make.floats(3, 7, 9),
        make.floats(3, 9, 5),
        make.output(3, 7, 5),
        make.output(3, 5, 7),
    )
)
def batch(a, b, o, o1):
    v, w = a[0:3, 0:7, 0:9], b[0:3, 0:9, 0:5]
    o[0:3, 0:7, 0:5] = v @ w
    o1[0:3, 0:5, 0:7] = tw.permute(w, (0, 2, 1)) @ tw.permute(v, (0, 2, 1))


@tw.func
def add(x, y):
    return x + y


@case(lambda make: (make.floats(5, 6, 7), make.output(8, 5, 6, 7)))
def scans(a, o):
    v = a[0:5, 0:6, 0:7]
    o[0, 0:5, 0:6, 0:7] = tw.cumsum(v, 0)
    o[1, 0:5, 0:6, 0:7] = tw.cumsum(v, 1)
    o[2, 0:5, 0:6, 0:7] = tw.cumsum(v, 2)
    o[3, 0:5, 0:6, 0:7] = tw.scan(v, add, 0, reverse=True)
    o[4, 0:5, 0:6, 0:7] = tw.scan(v, add, 1, reverse=True)
    o[5, 0:5, 0:6, 0:7] = tw.scan(v * 2, add, 2, reverse=True)
    o[6, 0:5, 0:6, 0:7] = tw.cummax(v, 1)
    o[7, 0:5, 0:6, 0:7] = tw.cumprod(v[0:5, 0:6, 0:7], 2)


@case(lambda make: (make.floats(300, 200), make.output(300, 200), make.output(200)))
def large(a, o, o1):
    v = a[0:300, 0:200]
    m = v - tw.mean(v, 0)
    o[0:300, 0:200] = m * m
    o1[0:200] = tw.sum(m * m, 0)


@case(lambda make: (make.floats(20), make.integers(20), make.output(3, 20)))
def lane_small(a, n, o, N: tw.constexpr = 20):
    x = a[0:N]
    c = n[0:N]
    r = tw.zeros((3, N), tw.f32)
    i = tw.iota((3, N), 0)
    s = x * 0
    k = c * 0
    while k < c:
        k += 1
        s += x
    if s > 2:
        r = r + s + i
    o[0:3, 0:N] = r


@case(lambda make: (make.floats(4, 20), make.output(4, 20), make.output(20)))
def lane_bcast(a, o, o1, N: tw.constexpr = 20):
    x = a[0:4, 0:N]
    col = tw.arange(N)
    y = col * 1.0
    if x > 1:
        x = x + y
        if y > 4:
            x = x * 2
    o[0:4, 0:N] = x
    o1[0:N] = tw.sum(x, 0)


@case(lambda make: (make.floats(20), make.output(2, 20), 4))
def while_tiles(a, o, n, N: tw.constexpr = 20):
    x = a[0:N]
    y = tw.flip(x, 0)
    k = 0
    while k < n and tw.sum(x) < 1000:
        x, y = y + 1, tw.cumsum(x)
        k += 1
    o[0, 0:N] = x
    o[1, 0:N] = y


@case(lambda make: (make.floats(20), make.floats(20)))
def store_alias_reads(a, b, N: tw.constexpr = 20):
    v = a[0:N]
    r = tw.flip(v, 0)
    a[0:N] = r
    w = a[0:N]
    b[0:N] = v + w
    a[0:N] = w + tw.sum(v)


@case(lambda make: (make.floats(20), make.output(4, 20)))
def late_keep(a, o, N: tw.constexpr = 20):
    v = a[0:N] + 1
    o[0, 0:N] = v
    for k in range(2):
        o[1, 0:N] = v * k
    o[2, 0:N] = tw.flip(v, 0)
    w = v * 2
    o[3, 0:N] = w.reshape((4, 5)).T.reshape(N)


@case(lambda make: (make.floats(12), make.output(3, 12)))
def print_like(a, o, N: tw.constexpr = 12):
    v = a[0:N]
    m = v.reshape((3, 4))
    o[0, 0:N] = m.T.reshape(N)
    o[1, 0:N] = tw.cat((m, m[0 : 0 + 1])).T.reshape(16)[2:14]
    o[2, 0:N] = m.T.reshape((2, 6)).T.reshape(N)


@case(lambda make: (make.floats(8, 8), make.floats(8, 8), make.output(8, 8)))
def acc_read(a, b, o):
    acc = tw.zeros((8, 8), tw.f32)
    for _k in range(3):
        acc = acc * 0.5 + a[0:8, 0:8] @ b[0:8, 0:8]
    o[0:8, 0:8] = acc


@case(lambda make: (make.floats(8, 8), make.floats(8, 8), make.output(8, 8)))
def acc_swap(a, b, o):
    x, y = a[0:8, 0:8], b[0:8, 0:8]
    for _k in range(3):
        x, y = y + x @ y, x
    o[0:8, 0:8] = x + y


@case(lambda make: (make.floats(8, 8), make.floats(8, 8), make.output(8, 8)))
def acc_self(a, b, o):
    x = a[0:8, 0:8]
    y = b[0:8, 0:8]
    for _k in range(2):
        x = x + x @ y
        y = y + y.T @ y
    o[0:8, 0:8] = x + y


# Of one sign: the sums grow so large that a difference would be all rounding.
@case(lambda make: (np.abs(make.floats(6, 8)), make.floats(6, 8)))
def two_accs(a, b):
    x, y = tw.zeros((6, 6), tw.f32), tw.ones((6, 6), tw.f32)
    for _k in range(3):
        v = a[0:6, 0:8]
        x += v @ v.T
        y += x @ x
        x = x + y
    b[0:6, 0:6] = x + y


@case(lambda make: (make.floats(30), make.floats(30), make.output(30)))
def lanes_store_overlap(a, b, o, N: tw.constexpr = 30):
    i = tw.arange(N)
    v = a[i]
    if v > 0:
        a[i] = v + 1
        b[i] = a[i]
    o[i] = a[i] + v


@case(lambda make: (*make.overlapping(30, 1), make.output(30)))
def lanes_overlap(a, b, o, N: tw.constexpr = 30):
    i = tw.arange(N)
    v = a[i]
    w = b[i]
    if v > 0:
        b[i] = v
    o[i] = a[i] + v + w


@case(lambda make: (make.floats(5), make.output(5), 3))
def for_shapes(a, o, n, N: tw.constexpr = 5):
    x = a[0:N]
    t = 0.0
    u = x
    for _ in range(n):
        t = tw.sum(u) + t
        u = u * 0.5 + t
    for k in range(n):
        u = u + k
    o[0:N] = u + t


@case(lambda make: (make.floats(5, 1), make.floats(1, 7), make.output(5, 7), 3))
def for_bcast(a, b, o, n):
    x, y = a[0:5, 0:1], b[0:1, 0:7]
    z = tw.zeros((5, 7), tw.f32)
    for _k in range(n):
        z += x * y
        x = x + 1
    o[0:5, 0:7] = z + x


@case(lambda make: (make.floats(33, 5), make.output(33, 5), make.output(33)))
def argm(a, o, o1):
    v = a[0:33, 0:5]
    m, i = tw.max(v, 0, return_index=True)
    o[0, 0:5] = m + i
    o1[0:33] = tw.argmin(v, 1) + tw.argmax(v.T, 0)
    o[1, 0:5] = tw.argmax(tw.flip(v, 0), 0) * 1.0


@case(lambda make: (make.floats(33), make.output(33), 33))
def nested_for(a, o, n, N: tw.constexpr = 33):
    v = a[0:N]
    w = v
    for i in range(3):
        for _j in range(2):
            v, w = w, v + tw.sum(w)
            if tw.sum(v) > 100:
                break
        w = w - v
        if i == 1:
            continue
        v = tw.flip(v, 0)
    o[0:N] = v + w * 3


@case(lambda make: (make.floats(16), make.output(16)))
def cat_reads(a, o):
    v = a[0:8]
    w = a[8:16]
    c = tw.cat((v + 1, w * 2))
    d = tw.cat((c[4:12], tw.flip(c, 0)[0:8]))
    o[0:16] = d + tw.cumsum(c)


@case(lambda make: (make.floats(40, 40).T, make.output(40, 40)))
def strided(a, o):
    v = a[1:40, 2:39]
    o[0:39, 0:37] = v
    o[0:37, 0:39] = v.T + 1


@case(lambda make: (make.floats(40)[::-2], make.output(40)[::2]))
def neg_stride(a, o, N: tw.constexpr = 24):
    o[0:N] = a[0:N] * 2 + tw.cumsum(a[0:N])


@case(lambda make: (make.floats(10), make.output(4, 10), 0, 2))
def if_views(a, o, p, q, N: tw.constexpr = 10):
    v = a[0:N]
    f = tw.flip(v, 0)
    if p > 0:
        x = f
    else:
        x = v
    y = x
    if q > 1:
        y = tw.cumsum(x)
        x = f + y
    o[0, 0:N] = x
    o[1, 0:N] = y
    o[2, 0:N] = tw.flip(x, 0)
    o[3, 0:N] = f


@case(lambda make: (make.floats(10), make.integers(10), make.output(10)))
def lane_if_result_small(a, c, o, N: tw.constexpr = 10):
    v = a[0:N]
    r = v * 2
    if c[0:N] > 0:
        r = v + 1
    q = r + 1
    if c[0:N] > 2:
        q = q * r
    o[0:N] = tw.flip(q, 0) + r + tw.sum(r)


@case(lambda make: (make.floats(10), make.integers(10), make.output(10), 3))
def lane_in_for(a, c, o, n, N: tw.constexpr = 10):
    v = a[0:N]
    s = v
    for k in range(n):
        if c[0:N] > k:
            v = v + 1
            if v > 3:
                continue
            s = s + v
        if s > 8:
            break
        v = v - 1
    o[0:N] = v + s


@case(lambda make: (make.floats(10), make.floats(10), make.output(10), 3))
def scalar_ops_between(a, b, o, n, N: tw.constexpr = 10):
    v = a[0:N]
    b[3] = tw.sum(v)
    w = b[0:N]
    b[n] = w[2]
    a[0:N] = b[0:N] + v
    x = a[n]
    a[n] = x + b[3]
    o[0:N] = a[0:N] + w


@case(lambda make: (make.floats(10), make.output(10)))
def masked(a, o, N: tw.constexpr = 16):
    i = tw.arange(N) - 3
    v = tw.load(a, i, fill=7.0, mask=i < 6)
    tw.store(o, i, v + tw.sum(v), mask=(i % 2 == 0))


@case(lambda make: (make.floats(40), make.output(40), 13))
def gather_scatter(a, o, n, N: tw.constexpr = 40):
    i = (tw.arange(N) * 7 + n) % 41 - 1
    o[i] = a[39 - i] + i


@case(lambda make: (make.integers(64), make.integers(64), make.integers(64), 5))
def dup_stores(a, idx, o, n, N: tw.constexpr = 64):
    o[tw.abs(idx[0:N])] = a[0:N]
    o[tw.abs(idx[0:N])] = o[tw.abs(idx[0:N])] + a[0:N]


@case(lambda make: (make.floats(4), make.output(3, 4), 2))
def kept_in_a_branch(a, out, n, N: tw.constexpr = 4):
    out[0, 0:N] = returns_from_a_loop(a[0:N], n)
    out[1, 0:N] = returns_from_a_loop(a[0:N], 0)
    out[2, 0:N] = a[0:N]


@tw.func
def returns_from_a_loop(v, n):
    s = tw.cumsum(v)
    for k in range(n):
        v = v + s
        if k == 1:
            return tw.flip(v, 0)
    return v


@case(lambda make: (make.floats(5), make.output(5), 3))
def chosen_in_a_loop(x, out, n, N: tw.constexpr = 5):
    out[0:N] = chooses(x[0:N], n)


@tw.func
def chooses(v, n):
    if n > 3:
        return v * 10
    for k in range(n):
        if k == 2:
            return v * 100
    return v


@case(lambda make: (make.floats(20), make.output(3, 20), 2))
def flipped_and_replaced(a, out, n, N: tw.constexpr = 20):
    t = a[0:N]
    for j in range(n):
        out[j, 0:N] = tw.flip(t, 0)
        t = t + 1
    out[n, 0:N] = t


@case(lambda make: (make.floats(8),))
def positions_that_meet(x):
    p = tw.arange(4)[:, None] + tw.arange(5)[None, :]
    x[p] = x[p] + 1


@case(lambda make: (make.floats(5, 8), make.floats(8, 6), make.output(5, 6)))
def chained_products(a, b, out):
    v, w = a[0:5, 0:8], b[0:8, 0:6]
    out[0:5, 0:6] = v @ w @ w.T @ w


@case(lambda make: (make.floats(1, 1), make.floats(1, 1), make.output(1, 1)))
def product_of_one_element(a, b, out):
    out[0:1, 0:1] = a[0:1, 0:1] @ b[0:1, 0:1]


@case(lambda make: (make.floats(37)[3:30], make.output(3, 1), 27))
def one_element_outside(x, out, start, N: tw.constexpr = 1):
    out[0, 0:N] = x[start : start + N]
    out[1, 0:N] = tw.load(x, start + tw.arange(N))
    out[2, 0:N] = tw.load(x, tw.block(start, N), fill=-7)


@case(lambda make: (make.floats(10), make.output(20), 9))
def pointers_with_a_last_lane(x, out, n, N: tw.constexpr = 9):
    i = tw.arange(N)
    q = out.ptr + n
    out[0:N] = tw.load(x.ptr + i % 5 * 2, mask=i < 4, fill=-1)
    tw.store(q + i, tw.load(x.ptr + i), mask=i < 3)
    tw.store(q + 3, 8)


@case(lambda make: (make.integers(23), make.integers(23, 6), 3))
def region_results_elsewhere(x, y, m, N: tw.constexpr = 23):
    i = tw.arange(N)
    c = i
    if i == 0:
        c = x[i & 15]
    d = c + 1
    for k in range(m):
        y[i, k] = i + d
    if m > 1:
        d = d ^ 5
    y[i, 5] = d


@case(lambda make: (make.integers(16), make.integers(15)))
def loaded_at_a_found_place(x, out):
    v = x[2:17]
    out[0:15] = x[tw.argmax(v, None)] - v


@case(lambda make: (make.floats(256), np.arange(100, 200).astype(np.uint8), make.output(100)))
def unsigned_positions(x, at, out, N: tw.constexpr = 100):
    out[0:N] = x[at[0:N]]


# --- and those that only passes make ------------------------------------------------------------

TEXTS = {
    "a function called for some lanes": """function t(%x: f32[:, :], %y: f32[:, :]) {
  %0: index = const 0
  %1: i32<7> = iota 0
  %2: bool_<7> = cast %1, bool_
  if %2, lanes=true then {
    yield
  } orelse {
    inlined () body {
      %3: f32<7> = const 1.0
      %4: bool_ = const true
      if %4 then {
        store %x, [%0, %1], %3
        yield
      } orelse {
        yield
      }
      yield
    }
    yield
  }
  return
}
""",
    "a row that is the same number in all lanes": """function t(%x: f32[:, :], %y: f32[:, :]) {
  %0: index = program_id 0
  %1: i32 = cast %0, i32
  %2: i32<8x7> = broadcast %1, (8, 7)
  %3: i32<8x7> = const 1
  %4: bool_<8x7> = const true
  %5: f32<8x7> = load %x, [%2, %3], mask=%4
  %6: i32<8x1> = iota 0
  %7: i32<7> = iota 0
  store %y, [%6, %7], %5
  return
}
""",
    "a position outside, the same in all lanes": """function t(%x: f32[:, :], %y: f32[:, :]) {
  %0: index = const 1
  %1: i32<7> = const 31
  %2: i32<7> = const 1
  %3: f32<7> = load %x, [%1, %2]
  %4: i32<7> = iota 0
  store %y, [%0, %4], %3
  return
}
""",
    "a region's result that is needed behind a loop": """function t(%x: f32[:, :], %y: f32[:, :]) {
  %0: index = const 1
  %1: i32<7> = iota 0
  %2: f32<7> = load %x, [%0, %1]
  %limit: f32<7> = const 100.0
  %one: f32<7> = const 1.0
  %3: f32<7> = while [%2], lanes=true condition(%4: f32<7>) {
    %5: bool_<7> = compare.lt %4, %limit
    yield [%5]
  } body(%6: f32<7>) {
    %7: f32<7> = binary.add %6, %one
    yield [%7]
  }
  %8: i32 = const 0
  %9: i32 = const 3
  %10: i32 = const 1
  for %8, %9, %10, [] body(%11: i32) {
    %12: f32<7> = load %x, [%11, %1]
    %13: f32<7> = flip %12, 0
    store %x, [%11, %1], %13
    yield
  }
  store %y, [%0, %1], %3
  return
}
""",
    "an array in an array, made between two stores": """function t(%x: f32[:, :], %y: f32[:, :]) {
  %0: index = program_id 0
  %1: i32<7> = iota 0
  %2: f32[:] = sub_array %x, [%0]
  %3: f32<7> = load %2, [%1]
  store %x, [%0, %1], %3
  %4: f32[:] = sub_array %y, [%0]
  store %4, [%1], %3
  return
}
""",
}


def run(kernel: object, arguments: tuple, monkeypatch: pytest.MonkeyPatch, where: str) -> tuple:
    monkeypatch.setenv("TILEWRIGHT_INTERPRET", "1" if where == "interpreter" else "0")
    launched = tw.kernel(kernel) if callable(kernel) else tw.parse_ir(kernel)
    launched[1](*arguments)
    return arguments


def assert_same(found: tuple, expected: tuple) -> None:
    for one, other in zip(found, expected, strict=True):
        if isinstance(one, np.ndarray):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("kernel", "arguments"), CASES, ids=[kernel.__name__ for kernel, _ in CASES]
)
def test_a_kernel_does_what_the_interpreter_does(
    kernel: Callable[..., None],
    arguments: Callable[[Arguments], tuple],
    rng: np.random.Generator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twin = copy.deepcopy(rng)
    expected = run(kernel, arguments(Arguments(rng)), monkeypatch, "interpreter")
    found = run(kernel, arguments(Arguments(twin)), monkeypatch, "cpu")
    assert_same(found, expected)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_does_what_the_interpreter_does(
    text: str, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Arguments(rng)
    arguments = (make.floats(8, 7), make.output(8, 7))
    twin = copy.deepcopy(arguments)
    expected = run(text, arguments, monkeypatch, "interpreter")
    found = run(text, twin, monkeypatch, "cpu")
    assert_same(found, expected)
