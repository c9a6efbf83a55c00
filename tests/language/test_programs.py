"""Whole programs as users would write them, compared with NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Array = NDArray[Any]
Launch = Callable[..., None]
Guarded = Callable[..., Array]


def attention(q, k, v, out, scale, BM: tw.constexpr, BN: tw.constexpr, D: tw.constexpr):
    """One block of rows a program, with a running maximum."""
    m = tw.program_id(0) * BM
    rows = q[m : m + BM, 0:D]
    top = tw.full((BM,), -float("inf"))
    total = tw.zeros(BM)
    acc = tw.zeros((BM, D))
    for n in range(0, k.shape[0], BN):
        s = rows @ k[n : n + BN, 0:D].T * scale
        s = tw.where(n + tw.arange(BN) < k.shape[0], s, -float("inf"))
        new = tw.maximum(top, tw.max(s, 1))
        p = tw.exp(s - new[:, None])
        shrink = tw.exp(top - new)
        total = total * shrink + tw.sum(p, 1)
        acc = acc * shrink[:, None] + p @ v[n : n + BN, 0:D]
        top = new
    out[m : m + BM, 0:D] = acc / total[:, None]


@pytest.mark.parametrize(("n", "m"), [(33, 40), (16, 7), (1, 100)])
def test_attention(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, n: int, m: int
) -> None:
    q, k, v = (rng.standard_normal((r, 24)).astype(np.float32) for r in (n, m, m))
    out = guarded((n, 24))
    launch(attention, q, k, v, out, 0.2, BM=16, BN=16, D=24, grid=tw.cdiv(n, 16))
    s = q.astype(np.float64) @ k.T * np.float32(0.2)
    p = np.exp(s - s.max(1, keepdims=True))
    np.testing.assert_allclose(out, p / p.sum(1, keepdims=True) @ v, rtol=2e-4, atol=2e-5)


def life(cells, out, BM: tw.constexpr, BN: tw.constexpr):
    i = tw.program_id(0) * BM + tw.arange(BM)[:, None]
    j = tw.program_id(1) * BN + tw.arange(BN)
    around = tw.zeros((BM, BN), tw.i32)
    for di in tw.static_range(-1, 2):
        for dj in tw.static_range(-1, 2):
            if di != 0 or dj != 0:
                around += cells[i + di, j + dj]
    out[i, j] = (around == 3) | ((cells[i, j] == 1) & (around == 2))


def test_the_game_of_life(launch: Launch, guarded: Guarded, rng: np.random.Generator) -> None:
    cells = guarded(rng.integers(0, 2, (23, 37)).astype(np.uint8))
    out = guarded((23, 37), np.uint8)
    launch(life, cells, out, BM=5, BN=16, grid=(5, 3))
    wide = np.pad(cells.astype(int), 1)
    around = sum(
        wide[1 + a : 24 + a, 1 + b : 38 + b] for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b
    )
    assert ((around == 3) | ((cells == 1) & (around == 2))).astype(int).tolist() == out.tolist()


def sparse_product(start, column, value, x, out, N: tw.constexpr):
    """A matrix in compressed rows times a vector: a row is a lane, with a loop of its own."""
    row = tw.program_id(0) * N + tw.arange(N)
    total = tw.zeros(N)
    at = start[row]
    while at < start[row + 1]:
        total += value[at] * x[column[at]]
        at += 1
    out[row] = total


def test_a_sparse_product(launch: Launch, guarded: Guarded, rng: np.random.Generator) -> None:
    dense = rng.integers(-4, 5, (29, 17)) * (rng.random((29, 17)) < 0.2)
    rows, columns = np.nonzero(dense)
    start = np.searchsorted(rows, np.arange(30)).astype(np.int32)
    x = rng.integers(-4, 5, 17).astype(np.float32)
    out = guarded(29)
    values = dense[rows, columns].astype(np.float32)
    launch(sparse_product, start, columns.astype(np.int32), values, x, out, N=8, grid=4)
    assert (dense @ x).tolist() == out.tolist()


def binary_search(table, keys, out, N: tw.constexpr):
    i = tw.program_id(0) * N + tw.arange(N)
    key = keys[i]
    low, high = tw.zeros(N, tw.i32), tw.full((N,), table.shape[0].to(tw.i32))
    while low < high:
        middle = (low + high) // 2
        if table[middle] < key:
            low = middle + 1
        else:
            high = middle
    out[i] = low


@pytest.mark.parametrize("n", [0, 1, 2, 100, 1001])
def test_a_binary_search(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, n: int
) -> None:
    table = np.sort(rng.integers(-500, 500, n)).astype(np.int64)
    keys, out = rng.integers(-600, 600, 77).astype(np.int64), guarded(77, np.int32)
    launch(binary_search, table, keys, out, N=16, grid=5)
    assert np.searchsorted(table, keys).tolist() == out.tolist()


def greatest_divisor(a, b, out, N: tw.constexpr):
    x, y = a[0:N], b[0:N]
    while y != 0:
        x, y = y, x % y
    out[0:N] = x


@pytest.mark.parametrize("dtype", [np.int32, np.uint8, np.int64])
def test_euclids_algorithm(launch: Launch, rng: np.random.Generator, dtype: Any) -> None:
    a, b = rng.integers(0, 200, (2, 39)).astype(dtype)
    out = np.zeros(39, dtype)
    launch(greatest_divisor, a, b, out, N=39)
    assert np.gcd(a, b).tolist() == out.tolist()


def convolution(x, w, out, C: tw.constexpr, K: tw.constexpr, BN: tw.constexpr):
    """A batch of images, `K` by `K` filters, rows of pixels a program."""
    image, row = tw.program_id(0), tw.program_id(1)
    j = tw.arange(BN)
    acc = tw.zeros(BN)
    for c in range(C):
        for a in tw.static_range(K):
            for b in tw.static_range(K):
                acc += x[image, c, row + a - K // 2, j + b - K // 2] * w[c, a, b]
    out[image, row, j] = acc


def test_a_convolution(launch: Launch, guarded: Guarded, rng: np.random.Generator) -> None:
    x = guarded(rng.integers(-3, 4, (2, 3, 9, 21)).astype(np.float32))
    w, out = rng.integers(-2, 3, (3, 3, 3)).astype(np.float32), guarded((2, 9, 21))
    launch(convolution, x, w, out, C=3, K=3, BN=32, grid=(2, 9))
    wide = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    expected = sum(
        np.einsum("ncij,c->nij", wide[:, :, a : a + 9, b : b + 21], w[:, a, b])
        for a in range(3) for b in range(3)
    )  # fmt: skip
    assert np.asarray(expected).tolist() == out.tolist()


def shortest_paths(d, k, N: tw.constexpr):
    i, j = tw.program_id(0), tw.arange(N)
    d[i, j] = tw.minimum(d[i, j], d[i, k] + d[k, j])


def test_shortest_paths(mode: str, rng: np.random.Generator) -> None:
    d = rng.integers(1, 100, (13, 13)).astype(np.int32)
    np.fill_diagonal(d, 0)
    expected = d.copy()
    kernel = tw.kernel(shortest_paths)
    for k in range(13):
        expected = np.minimum(expected, expected[:, k : k + 1] + expected[k])
        kernel[13](d, k, N=13)
    assert expected.tolist() == d.tolist()


def cholesky(a, N: tw.constexpr):
    """In place, one program: scalar loops around tiles, everything through memory."""
    i = tw.arange(N)
    for k in range(N):
        pivot = tw.sqrt(a[k, k])
        column = tw.where(i > k, a[i, k] / pivot, 0.0)
        a[i, k] = tw.where(i == k, pivot, column)
        a[0:N, 0:N] = a[0:N, 0:N] - tw.where(
            (i[:, None] > k) & (i > k), column[:, None] * column, 0.0
        )


@pytest.mark.parametrize("n", [1, 5, 17])
def test_a_cholesky_factor(launch: Launch, rng: np.random.Generator, n: int) -> None:
    b = rng.standard_normal((n, n))
    a = b @ b.T + n * np.eye(n)
    found = a.copy()
    launch(cholesky, found, N=n)
    np.testing.assert_allclose(np.tril(found), np.linalg.cholesky(a), rtol=1e-9, atol=1e-12)


def transpose(x, out, B: tw.constexpr):
    i, j = tw.program_id(0) * B, tw.program_id(1) * B
    out[j : j + B, i : i + B] = x[i : i + B, j : j + B].T


@pytest.mark.parametrize("dtype", [np.int8, np.float16, np.float64, np.bool_])
@pytest.mark.parametrize("block", [1, 7, 16])
def test_a_transpose(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, dtype: Any, block: int
) -> None:
    x = guarded(rng.integers(0, 2, (19, 33)).astype(dtype))
    out = guarded((33, 19), dtype)
    launch(transpose, x, out, B=block, grid=(tw.cdiv(19, block), tw.cdiv(33, block)))
    assert x.T.tolist() == out.tolist()


def blur_rows(x, out, weights, R: tw.constexpr, N: tw.constexpr):
    row = x[tw.program_id(0)]
    target = out[tw.program_id(0)]
    for start in range(0, row.shape[0], N):
        acc, norm = tw.zeros(N), tw.zeros(N)
        for r in range(-R, R + 1):
            at = start + tw.arange(N) + r
            inside = (at >= 0) & (at < row.shape[0])
            acc += tw.where(inside, row[at] * weights[r + R], 0.0)
            norm += tw.where(inside, weights[r + R], 0.0)
        target[start : start + N] = acc / norm


@pytest.mark.parametrize("width", [1, 5, 16, 50])
def test_a_blur_with_borders(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, width: int
) -> None:
    x, out = guarded(rng.random((3, width)).astype(np.float32)), guarded((3, width))
    w = np.array([1, 2, 4, 2, 1], np.float32)
    launch(blur_rows, x, out, w, R=2, N=16, grid=3)
    expected = np.zeros((3, width))
    for j in range(width):
        taps = [r for r in range(-2, 3) if 0 <= j + r < width]
        expected[:, j] = sum(x[:, j + r] * w[r + 2] for r in taps) / sum(w[r + 2] for r in taps)
    np.testing.assert_allclose(out, expected, rtol=1e-5)


def argsort_by_counting(x, out, N: tw.constexpr):
    """A stable order from pairwise comparisons."""
    v, i = x[0:N], tw.arange(N)
    before = (v < v[:, None]) | ((v == v[:, None]) & (i < i[:, None]))
    out[tw.sum(before, 1)] = i


@pytest.mark.parametrize("n", [1, 6, 33])
def test_an_order_from_comparisons(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, n: int
) -> None:
    x, out = rng.integers(0, 9, n).astype(np.int16), guarded(n, np.int32)
    launch(argsort_by_counting, x, out, N=n)
    assert np.argsort(x, kind="stable").tolist() == out.tolist()


def clusters(points, centres, label, K: tw.constexpr, D: tw.constexpr, N: tw.constexpr):
    i = tw.program_id(0) * N
    p = points[i : i + N, 0:D]
    away = p[:, None, :] - centres[0:K, 0:D]
    label[i : i + N] = tw.argmin(tw.sum(away * away, 2), 1)


def test_the_nearest_of_several_centres(
    launch: Launch, guarded: Guarded, rng: np.random.Generator
) -> None:
    points = rng.integers(-9, 9, (41, 3)).astype(np.float32)
    centres = rng.integers(-9, 9, (5, 3)).astype(np.float32)
    label = guarded(41, np.int64)
    launch(clusters, points, centres, label, K=5, D=3, N=8, grid=6)
    away = ((points[:, None] - centres) ** 2).sum(2)
    assert away.argmin(1).tolist() == label.tolist()
