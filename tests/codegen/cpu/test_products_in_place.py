"""Products that add to one another in place, and operands that are read where they lie."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Guarded = Callable[..., NDArray]


@tw.kernel
def windows(x, weight, out, rounds, M: tw.constexpr, K: tw.constexpr, N: tw.constexpr):
    line = x[0:K, 0 : N + 3]
    acc = tw.zeros((M, N), tw.f32)
    for _ in range(rounds):
        for j in tw.static_range(4):
            acc += weight[j, 0:M, 0:K] @ line[:, j : j + N]
    out[0:M, 0:N] = acc


@tw.kernel
def chain(a, b, c, first, last, M: tw.constexpr, N: tw.constexpr):
    one = a[0:M, 0:M] @ b[0:M, 0:N]
    two = one + a[0:M, 0:M] @ c[0:M, 0:N]
    last[0:M, 0:N] = two + a[0:M, 0:M] @ b[0:M, 0:N]
    first[0:M, 0:N] = one


@tw.kernel
def changed(x, a, b, out, M: tw.constexpr, K: tw.constexpr, L: tw.constexpr, N: tw.constexpr):
    line = x[0:K, 0 : N + 2]
    acc = a[0:M, 0:K] @ line[:, 0:N]
    a[0:M, 0:K] = a[0:M, 0:K] * 2
    acc += a[0:M, 0:K] @ line[:, 1 : N + 1]
    x[0:K, 0:N] = x[0:K, 1 : N + 1]
    acc += b[0:M, 0:L] @ line[0:L, 2 : N + 2]
    if out.shape[0] > 1:
        acc += b[0:M, 0:L] @ line[0:L, 0:N]
    out[0:M, 0:N] = acc + b[0:M, 0:L] @ x[0:L, 0:N]


@tw.kernel
def backwards(a, b, out, K: tw.constexpr, N: tw.constexpr):
    tile = tw.flip(b[0:K, 0:N], 0)
    out[0:K, 0:N] = a[0:K, 0:K] @ tile + tile


@tw.kernel
def begun(a, b, out, START: tw.constexpr):
    out[0:8, 0:8] = tw.full((8, 8), START, tw.f32) + a[0:8, 0:8] @ b[0:8, 0:8]


def plan_of(kernel: tw.Kernel, arrays: int, scalars: str = "", **constants: int) -> str:
    signature = ", ".join(["f32[:, ::1]"] * arrays)
    if kernel is windows:
        signature = "f32[:, ::1], f32[:, :, ::1], f32[:, ::1]"
    found = kernel.inspect(
        f"{signature}{scalars}; disjoint, narrow", **constants, target="cpu:x86-64-v3"
    )
    return str(found.plan)


@pytest.mark.parametrize("sizes", [(13, 20, 37), (8, 5, 16), (30, 64, 125), (3, 64, 125)], ids=str)
def test_windows_of_a_kept_tile(
    rng: np.random.Generator, guarded: Guarded, sizes: tuple[int, int, int]
) -> None:
    m, k, n = sizes
    x = rng.integers(-4, 5, (k, n + 3)).astype(np.float32)
    weight = rng.integers(-4, 5, (4, m, k)).astype(np.float32)
    out = guarded((m, n))
    for rounds in (0, 1, 3):
        windows[1](x, weight, out, rounds, M=m, K=k, N=n)
        expected = sum(weight[j] @ x[:, j : j + n] for j in range(4))
        np.testing.assert_array_equal(out, rounds * expected)


def test_sums_of_products_lie_in_one_place() -> None:
    plan = plan_of(windows, 3, ", i32", M=64, K=20, N=37)
    assert plan.count("keep acc") == 1  # the zeros that it begins with
    ((right, place),) = products(plan)
    assert right == ["[40, 1]"] * 4 and "acc@" in place  # rows of the kept tile


def test_what_many_rows_read_far_apart_is_packed() -> None:
    wide = products(plan_of(windows, 3, ", i32", M=64, K=64, N=125))
    assert [right for right, _ in wide] == [["[16, 1]"]] * 4
    assert len({place for _, place in wide}) == 1
    ((right, _),) = products(plan_of(windows, 3, ", i32", M=12, K=64, N=125))
    assert right == ["[128, 1]"] * 4


def products(plan: str) -> list[tuple[list[str], str]]:
    """For each step that multiplies, strides of the right operands, and where the result lies."""
    found = []
    for line in plan.splitlines():
        if "multiply" in line:
            pairs, _, place = line.partition(" onto ")
            found.append((re.findall(r" by [^\[]*(\[[^\]]*\])", pairs), place))
    return found


@pytest.mark.parametrize("sizes", [(64, 24, 13, 37), (7, 5, 3, 16), (1, 70, 66, 90)], ids=str)
def test_sums_of_products_while_their_sources_change(
    rng: np.random.Generator, guarded: Guarded, sizes: tuple[int, int, int, int]
) -> None:
    """What is added later may not see what was stored since, nor the other way round."""
    m, k, depth, n = sizes
    x, a, b = (
        guarded(rng.integers(-4, 5, shape).astype(np.float32))
        for shape in ((k, n + 2), (m, k), (m, depth))
    )
    line, first, out = x.copy(), a.copy(), guarded((m, n))
    changed[1](x, a, b, out, *sizes)
    np.testing.assert_array_equal(x[:, :n], line[:, 1 : n + 1])
    expected = first @ line[:, :n] + 2 * first @ line[:, 1 : n + 1]
    expected += b @ line[:depth, 2:] + (m > 1) * (b @ line[:depth, :n]) + b @ x[:depth, :n]
    np.testing.assert_array_equal(out, expected)


def test_a_product_that_is_used_twice_stays(rng: np.random.Generator, guarded: Guarded) -> None:
    a = rng.integers(-4, 5, (9, 9)).astype(np.float32)
    b, c = (rng.integers(-4, 5, (9, 21)).astype(np.float32) for _ in range(2))
    first, last = guarded((9, 21)), guarded((9, 21))
    chain[1](a, b, c, first, last, M=9, N=21)
    np.testing.assert_array_equal(first, a @ b)
    np.testing.assert_array_equal(last, 2 * (a @ b) + a @ c)


def test_operands_that_lie_backwards(rng: np.random.Generator, guarded: Guarded) -> None:
    a = rng.integers(-4, 5, (11, 11)).astype(np.float32)
    b = rng.integers(-4, 5, (11, 27)).astype(np.float32)
    out = guarded((11, 27))
    backwards[1](a, b, out, K=11, N=27)
    np.testing.assert_array_equal(out, a @ b[::-1] + b[::-1])


@pytest.mark.parametrize("start", [0.0, -0.0])
def test_a_sum_of_negative_zeros_is_a_positive_one(guarded: Guarded, start: float) -> None:
    a, b, out = np.full((8, 8), -0.0, np.float32), np.ones((8, 8), np.float32), guarded((8, 8))
    begun[1](a, b, out, START=start)
    assert not np.signbit(out).any() and not out.any()
