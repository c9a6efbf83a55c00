"""Packed operands that programs next to each other share."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Guarded = Callable[..., NDArray]


@tw.kernel
def product(a, b, c, FORM: tw.constexpr, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr):
    x, y = tw.program_id(0), tw.program_id(1)
    if FORM == "rows last":
        x, y = y, x
    m, n = x * BM, y * BN
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, a.shape[1], BK):
        right = b[k : k + BK, n : n + BN]
        if FORM == "cast":
            right = (right * 2.0).to(tw.f32)
        acc += a[m : m + BM, k : k + BK] @ right
    if FORM == "written":
        b[0, 0] = b[0, 0]
    c[m : m + BM, n : n + BN] = acc


def plan_of(form: str) -> str:
    arrays = "f32[:, ::1], f32[:, ::1], f32[:, ::1]"
    return str(product.inspect(f"{arrays}; disjoint, narrow", FORM=form, BM=12, BN=32, BK=8).plan)


@pytest.mark.parametrize(
    ("form", "times"), [("rows first", 1), ("cast", 1), ("rows last", 0), ("written", 0)]
)
def test_what_the_next_program_packs_alike_is_kept(form: str, times: int) -> None:
    assert plan_of(form).count("memoize") == times


def test_without_the_fact_disjoint_nothing_is_kept() -> None:
    arrays = "f32[:, ::1], f32[:, ::1], f32[:, ::1]"
    found = product.inspect(f"{arrays}; narrow", FORM="cast", BM=12, BN=32, BK=8).plan
    assert "memoize" not in str(found)


@pytest.mark.parametrize("form", ["rows first", "cast", "rows last"])
@pytest.mark.parametrize(
    "tile", [(12, 32, 8), (7, 16, 256), (64, 48, 2)], ids=["many", "odd", "more than slots"]
)
def test_products_are_right_whatever_is_kept(
    form: str, tile: tuple[int, int, int], guarded: Guarded, rng: np.random.Generator
) -> None:
    m, n, k = 61, 70, 301
    bm, bn, bk = tile
    a = guarded(rng.standard_normal((m, k), np.float32))
    b = guarded(rng.standard_normal((k, n), np.float32))
    c = guarded((m, n), np.float32)
    grid = (tw.cdiv(m, bm), tw.cdiv(n, bn))
    factor = 2.0 if form == "cast" else 1.0
    for _ in range(3):  # the next launch finds other values at the same places
        b[...] = rng.standard_normal((k, n), np.float32)
        launch = product[grid[::-1] if form == "rows last" else grid]
        launch(a, b, c, FORM=form, BM=bm, BN=bn, BK=bk)
        exact = factor * a.astype(np.float64) @ b
        np.testing.assert_allclose(c, exact, rtol=1e-4, atol=1e-4 * np.abs(exact).max())
        c[...] = np.nan


@tw.kernel
def grouped(a, b, groups, c, BM: tw.constexpr, N: tw.constexpr, BK: tw.constexpr):
    m = tw.program_id(0) * BM
    for group in range(groups.shape[0]):
        right = b[groups[group]][tw.program_id(1)]
        acc = tw.zeros((BM, N), tw.f32)
        for k in range(0, a.shape[1], BK):
            acc += a[m : m + BM, k : k + BK] @ right[k : k + BK, 0:N]
        c[group, tw.program_id(1), m : m + BM, 0:N] = acc


def test_parts_of_an_array_are_told_apart(rng: np.random.Generator) -> None:
    a = rng.standard_normal((20, 11), np.float32)
    b = rng.standard_normal((3, 2, 11, 9), np.float32)
    groups = rng.integers(0, 3, 5).astype(np.int32)
    c = np.full((5, 2, 20, 9), np.nan, np.float32)
    options = {"BM": 7, "N": 9, "BK": 4}
    assert "memoize" in str(grouped.inspect(a, b, groups, c, **options).plan)
    grouped[3, 2](a, b, groups, c, **options)
    np.testing.assert_allclose(c, a @ b[groups], rtol=1e-4, atol=1e-4)


@tw.kernel
def experts(a, b, c, BM: tw.constexpr, N: tw.constexpr, K: tw.constexpr):
    right = b[tw.program_id(0)]
    c[tw.program_id(0), 0:BM, 0:N] = a[0:BM, 0:K] @ right[0:K, 0:N]


def test_what_each_program_has_a_part_of_is_not_kept(rng: np.random.Generator) -> None:
    a = rng.standard_normal((6, 5), np.float32)
    b = rng.standard_normal((4, 5, 9), np.float32)
    c = np.full((4, 6, 9), np.nan, np.float32)
    experts[4](a, b, c, BM=6, N=9, K=5)
    np.testing.assert_allclose(c, a @ b, rtol=1e-4, atol=1e-4)
    assert "memoize" not in str(experts.inspect(a, b, c, BM=6, N=9, K=5).plan)


def test_launches_do_not_find_what_others_left(rng: np.random.Generator) -> None:
    """Kernels of several threads take turns on the same workers, and in their memory."""
    failed = []

    def work(seed: int) -> None:
        mine = np.random.default_rng(seed)
        for _ in range(20):
            k = int(mine.integers(20, 200))
            a = mine.standard_normal((120, k), np.float32)
            b = mine.standard_normal((k, 64), np.float32)
            c = np.full((120, 64), np.nan, np.float32)
            product[10, 2](a, b, c, FORM="rows first", BM=12, BN=32, BK=8)
            if not np.allclose(c, a.astype(np.float64) @ b, atol=1e-3):
                failed.append(k)

    threads = [threading.Thread(target=work, args=(int(s),)) for s in rng.integers(0, 2**32, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
