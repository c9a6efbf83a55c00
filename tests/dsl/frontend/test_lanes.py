"""Control flow on tile conditions means what the same code means for each lane alone."""

# ruff: noqa: RET508 - kernels are written as users may write them

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np
import pytest

from .language import run, run_lanes, tw

LANES = 16


def guarded(x, out, n):
    i = tw.arange(16)
    if i >= n:
        return
    out[i] = x[i] + 1


def two_sided(x, out, n):
    i = tw.arange(16)
    v = x[i]
    if v > n:
        w = v * 2
    else:
        w = v - n
    out[i] = w


def scalar_grows(x, out, n):
    i = tw.arange(16)
    best = 0
    if x[i] > n:
        best = 7
    out[i] = best


def one_sided_else(x, out, n):
    i = tw.arange(16)
    v = x[i]
    w = n
    if v > n:
        w = v
    elif v > 2:
        w = v * v
    elif v < 0:
        return
    out[i] = w


def nested(x, out, n):
    i = tw.arange(16)
    v = x[i]
    total = 0
    if v > 0:
        if v > n:
            total = v - n
        else:
            total = v
        if i > 8:
            total = total + 100
    out[i] = total


def collatz(x, out, n):
    i = tw.arange(16)
    v = x[i]
    steps = 0
    while v > 1:
        if v % 2 == 0:
            v = v // 2
        else:
            v = 3 * v + 1
        steps += 1
        if steps >= n:
            break
    out[i] = steps


def continues(x, out, n):
    i = tw.arange(16)
    total = 0
    k = 0
    while k < x[i]:
        k += 1
        if k % 3 == 0:
            continue
        if k > n:
            break
        total += k
    out[i] = total


def scalar_for_breaks(x, out, n):
    i = tw.arange(16)
    v = x[i]
    found = -1
    for k in range(n):
        if k * k >= v:
            found = k
            break
        if k == 2:
            continue
        v = v - 1
    out[i] = found * 1000 + v


def returns_in_loop(x, out, n):
    i = tw.arange(16)
    v = x[i]
    for k in range(n):
        if v + k == 5:
            out[i] = 100 + k
            return
        if v + k > 9:
            break
    out[i] = v


def loop_in_branch(x, out, n):
    i = tw.arange(16)
    v = x[i]
    total = 0
    if v > 2:
        for k in range(n):
            if k > v:
                break
            total += k
    else:
        total = -1
    out[i] = total


def while_in_while(x, out, n):
    i = tw.arange(16)
    v = x[i]
    total = 0
    a = 0
    while a < v:
        b = 0
        while b < a:
            if b == n:
                break
            total += 1
            b += 1
        a += 1
    out[i] = total


def defined_on_every_path(x, out, n):
    i = tw.arange(16)
    v = x[i]
    if v > n:
        w = v
    elif v > 1:
        w = 1
    else:
        return
    out[i] = w


def logic(x, out, n):
    i = tw.arange(16)
    v = x[i]
    w = 0
    if 0 < v < n and not (i == 3 or i == 4):
        w = 1 if v > 2 else 2
    out[i] = w


@tw.func
def classify(v, n):
    if v < 0:
        return -1
    if v > n:
        return v * 10
    k = 0
    while k < v:
        if k == 2:
            return k
        k += 1
    return v


def calls(x, out, n):
    i = tw.arange(16)
    v = x[i]
    w = 0
    if i != 5:
        w = classify(v, n)
    out[i] = w + classify(v - 3, n)


def returns_under_nested(x, out, n):
    i = tw.arange(16)
    v = x[i]
    if v > 0:
        if i > n:
            return
        v = v + 1
    out[i] = v


def loop_variable(x, out, n):
    i = tw.arange(16)
    last = 0
    for k in range(n):
        if k >= x[i]:
            break
        last = k
    out[i] = last


def tuples(x, out, n):
    i = tw.arange(16)
    pair = (0, x[i])
    while pair[0] < pair[1]:
        pair = (pair[0] + 1, pair[1] - 1)
        if pair[0] == n:
            break
    out[i] = pair[0] * 100 + pair[1]


def both_leave(x, out, n):
    i = tw.arange(16)
    v = x[i]
    while v < 100:
        if v > n:
            v = v + 50
            break
        else:
            v = v + 3
            continue
    out[i] = v


def endless(x, out, n):
    i = tw.arange(16)
    v = x[i]
    while True:
        v += 3
        if v > n:
            break
    out[i] = v


def stores_in_loop(x, out, n):
    i = tw.arange(16)
    k = 0
    while k < x[i]:
        out[i] = out[i] + k
        k += 1


def unrolled(x, out, n):
    i = tw.arange(16)
    total = 0
    for k in tw.static_range(3):
        if x[i] > k:
            total = total + n
        else:
            total = total - 1
    out[i] = total


def unrolled_breaks(x, out, n):
    i = tw.arange(16)
    v = x[i]
    for k in tw.static_range(4):
        if v > n + k:
            break
        v = v + k
    out[i] = v


def unrolled_continues(x, out, n):
    i = tw.arange(16)
    v = x[i]
    last = 0
    for k in tw.static_range(4):
        if v % 2 == k % 2:
            continue
        last = k
        v = v + n
    out[i] = v * 10 + last


def unrolled_both(x, out, n):
    i = tw.arange(16)
    v = x[i]
    for k, step in enumerate((3, 5, 7, 9)):
        if v > 12:
            break
        if v % 3 == 1:
            v = v + 1
            continue
        v = v + step
        if k == 2:
            continue
        v = v + n
    out[i] = v


def unrolled_in_a_loop(x, out, n):
    i = tw.arange(16)
    v = x[i]
    for j in range(n):
        for k in tw.static_range(3):
            if v > 10 + j:
                break
            if v == 4:
                out[i] = 77
                return
            v = v + k + 1
        if v > 20:
            break
        v = v - 1
    out[i] = v


KERNELS: list[Any] = [
    guarded, two_sided, scalar_grows, one_sided_else, nested, collatz, continues,
    scalar_for_breaks, returns_in_loop, loop_in_branch, while_in_while, defined_on_every_path,
    logic, calls, returns_under_nested, loop_variable, tuples, both_leave, endless,
    stores_in_loop, unrolled, unrolled_breaks, unrolled_continues, unrolled_both,
    unrolled_in_a_loop,
]  # fmt: skip


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.__name__)
@pytest.mark.parametrize("n", [0, 3, 6])
def test_a_lane_does_what_the_same_code_does_alone(kernel: FunctionType, n: int) -> None:
    x = np.random.default_rng(1).integers(-3, 14, LANES).astype(np.int32)
    expected, actual = np.zeros(LANES, np.int32), np.zeros(LANES, np.int32)
    run_lanes(kernel, LANES, x, expected, np.int32(n))
    run(kernel, "i32[:], i32[:], i32", x, actual, np.int32(n))
    assert expected.tolist() == actual.tolist()
