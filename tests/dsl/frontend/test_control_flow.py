"""Control flow on scalars means what it means in Python."""

# ruff: noqa: B905, F841, SIM113 - kernels are written as users may write them

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np
import pytest

from .language import run, run_lanes, tw


def branches(x, out, n):
    v = x[0]
    if v > n:
        w = v
    elif v == 3:
        w = 7
    else:
        w = v * 2
    out[0] = w


def early_return(x, out, n):
    out[0] = 1
    if x[0] > n:
        return
    out[1] = 2
    if x[1] > n:
        out[2] = 3
        return
    else:
        out[3] = 4
    out[4] = 5


def nested_loops(x, out, n):
    total = 0
    for i in range(n):
        for j in range(i, 10, 2):
            if (i + j) % 5 == 4:
                continue
            if j > x[i]:
                break
            total += i * j
    out[0] = total


def counts_down(x, out, n):
    k = 0
    for i in range(n, -1, -2):
        out[k] = i
        k += 1


def while_loop(x, out, n):
    a, b = x[0], n
    while b != 0:
        a, b = b, a % b
    out[0] = a


def endless_while(x, out, n):
    k = 0
    while True:
        if k * k > n:
            break
        k += 1
    out[0] = k


def last_of_sure_loop(x, out, n):
    for k in range(4):
        last = x[k] + n
    out[0] = last
    out[1] = k


def endless_defines(x, out, n):
    k = 0
    while True:
        found = k * 3
        if found > n:
            break
        k += 1
    out[0] = found


def return_in_loop(x, out, n):
    for i in range(5):
        if x[i] == n:
            out[0] = i
            return
    out[0] = -1


@tw.func
def find(x, n, limit):
    for i in range(limit):
        if x[i] == n:
            return i
    return -1


@tw.func
def sign(v):
    if v > 0:
        return 1
    elif v < 0:
        return -1
    return 0


@tw.func
def swap(a, b):
    return b, a


@tw.func
def first_power(n):
    k = 1
    while True:
        if k > n:
            return k
        k *= 2


def calls(x, out, n):
    out[0] = find(x, n, 6)
    out[1] = sign(x[0]) + 10 * sign(n - 3)
    a, b = swap(x[0], x[1])
    out[2] = a * 100 + b
    out[3] = first_power(n)
    out[4] = find(x, limit=3, n=n)


def logic(x, out, n):
    out[0] = 1 if x[0] > n and x[1] > n else 2
    out[1] = 1 if x[0] > n or not x[1] > n else 2
    out[2] = x[2] if x[2] < n else n
    out[3] = 1 if 0 < x[0] <= n < 5 else 0
    if n and x[n // n] > 0:
        out[4] = 9
    out[5] = n or 4


def short_circuit(x, out, n):
    if n > 3 and x[0] % n < 2:
        out[0] = 1
    elif n < 2 or x[1] // n > 1:
        out[0] = 2
    out[1] = x[2] % n if n > 0 else -5


def augmented(x, out, n):
    v = x[0]
    v += n
    v *= 3
    v -= 1
    v //= 2
    v %= 11
    v <<= 2
    v |= 1
    v ^= n
    v &= 0xFF
    out[0] = v
    out[1] += v
    out[1] *= 2


def unrolled(x, out, n):
    total = 0
    for i, scale in enumerate((1, 10, 100)):
        if i == 1:
            continue
        total += x[i] * scale
    for a, b in zip((1, 2, 3), (4, 5, 6)):
        if a == 3:
            break
        total += a * b
    for k in tw.static_range(1, 7, 2):
        out[k] = total + k
    out[0] = total


def constants(x, out, n):
    scale = 3
    if scale > 2:
        w = n * scale
    else:
        w = x.missing
    t = (1, n, (2, 3))
    a, (b, c) = t[0], t[2]
    first, *rest = t
    out[0] = w + a + b + c + t[1] + len(t) + rest[0] + first
    out[1] = max(n, 3) + min(x[0], n, 2) + abs(x[1])
    out[2] = len((1, 2, 3)[1:]) if 2 in (1, 2) else 0


def temporaries(x, out, n):
    t = x[0]
    out[0] = t
    for i in range(2):
        t = (i, n)
        out[1 + i] = t[0] + t[1]
    if n > 2:
        t = x[1]
        out[3] = t
    else:
        t = (n, n)
        out[4] = t[1]


def negative_steps(x, out, n):
    step = -1 if n > 2 else 1
    k = 0
    for i in range(n, 3, step):
        out[k] = i + 1
        k = k + 1


def star(x, out, n):
    place = (n,)
    out[(0,)] = x[place]
    out[1] = find(*(x, n, 4))


def unrolled_left_at_run_time(x, out, n):
    total = 0
    for k in tw.static_range(5):
        if k == 4:
            break
        if x[k] > 8:
            break
        if x[k] < n:
            continue
        total += x[k]
        last = k
        if k == 1:
            continue
        total += 100
    out[0] = total
    for a in (1, 2, 3):
        for b in (10, 20):
            if x[a] > b - n:
                break
            out[a] = out[a] + b
        if out[a] == 10:
            break


KERNELS: list[Any] = [
    branches, early_return, nested_loops, counts_down, while_loop, endless_while,
    last_of_sure_loop, endless_defines, return_in_loop, calls, logic, short_circuit, augmented,
    unrolled, constants, temporaries, negative_steps, star, unrolled_left_at_run_time,
]  # fmt: skip


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.__name__)
@pytest.mark.parametrize("n", [0, 1, 3, 5])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_program_does_what_python_does(kernel: FunctionType, n: int, seed: int) -> None:
    x = np.random.default_rng(seed).integers(-2, 12, 8).astype(np.int32)
    expected, actual = np.zeros(8, np.int32), np.zeros(8, np.int32)
    run_lanes(kernel, 1, x, expected, np.int32(n))
    run(kernel, "i32[:], i32[:], i32", x, actual, np.int32(n))
    assert expected.tolist() == actual.tolist()
