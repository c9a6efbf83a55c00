"""Section 6 of LANGUAGE.md, group matrix: `@` and `dot` on every dtype and odd shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

import tilewright as tw

Array = NDArray[Any]
Launch = Callable[..., None]
Guarded = Callable[..., Array]


def product(a, b, out, M: tw.constexpr, K: tw.constexpr, N: tw.constexpr, DT: tw.constexpr):
    v = a[0:M, 0:K] @ b[0:K, 0:N]
    tw.static_assert(v.dtype == DT)
    tw.static_assert(v.shape == (M, N))
    out[0:M, 0:N] = v


SHAPES = [(1, 1, 1), (1, 7, 1), (7, 1, 5), (16, 16, 16), (5, 3, 33), (33, 17, 9), (3, 64, 70)]


@pytest.mark.parametrize("shape", SHAPES)
def test_products_of_any_shape(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, shape: tuple[int, int, int]
) -> None:
    m, k, n = shape
    a = guarded(rng.integers(-4, 5, (m, k)).astype(np.float32))
    b = guarded(rng.integers(-4, 5, (k, n)).astype(np.float32))
    out = guarded((m, n))
    launch(product, a, b, out, M=m, K=k, N=n, DT=tw.f32)
    assert (a @ b).tolist() == out.tolist()


@pytest.mark.parametrize(
    ("dtype", "result"),
    [
        (np.int8, "i32"), (np.uint8, "i32"), (np.int16, "i32"), (np.int32, "i32"),
        (np.int64, "i64"), (np.float16, "f32"), (ml_dtypes.bfloat16, "f32"), (np.float32, "f32"),
        (np.float64, "f64"), (ml_dtypes.float8_e4m3fn, "f32"), (ml_dtypes.float8_e5m2, "f32"),
    ],
)  # fmt: skip
def test_narrow_operands_accumulate_in_32_bits(
    launch: Launch, rng: np.random.Generator, dtype: Any, result: str
) -> None:
    low = 0 if dtype is np.uint8 else -4
    a = rng.integers(low, 5, (9, 40)).astype(dtype)
    b = rng.integers(low, 5, (40, 11)).astype(dtype)
    out = np.zeros((9, 11), np.float64)
    launch(product, a, b, out, M=9, K=40, N=11, DT=getattr(tw, result))
    assert (a.astype(np.float64) @ b.astype(np.float64)).tolist() == out.tolist()


def blocked(
    a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr
):  # fmt: skip
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, a.shape[1], BK):
        acc += a[m : m + BM, k : k + BK] @ b[k : k + BK, n : n + BN]
    c[m : m + BM, n : n + BN] = acc


@pytest.mark.parametrize("blocks", [(16, 16, 16), (32, 8, 5), (7, 33, 64), (64, 64, 64)])
@pytest.mark.parametrize("order", ["cc", "fc", "cf", "ff", "reversed"])
def test_a_blocked_product_has_edges(
    launch: Launch,
    guarded: Guarded,
    rng: np.random.Generator,
    order: str,
    blocks: tuple[int, int, int],
) -> None:
    m, k, n = 45, 37, 53
    a = rng.integers(-4, 5, (m, k)).astype(np.float32)
    b = rng.integers(-4, 5, (k, n)).astype(np.float32)
    strides = {
        "cc": ((k, 1), (n, 1)), "fc": ((1, m), (n, 1)), "cf": ((k, 1), (1, k)),
        "ff": ((1, m), (1, k)), "reversed": ((-k, 1), (n, -1)),
    }[order]  # fmt: skip
    c = guarded((m, n))
    bm, bn, bk = blocks
    launch(
        blocked, guarded(a, strides=strides[0]), guarded(b, strides=strides[1]), c,
        BM=bm, BN=bn, BK=bk, grid=(tw.cdiv(m, bm), tw.cdiv(n, bn)),
    )  # fmt: skip
    assert (a @ b).tolist() == c.tolist()


def variants(a, b, c, out):
    v, w, acc = a[0:5, 0:8], b[0:8, 0:6], c[0:5, 0:6]
    out[0, 0:5, 0:6] = tw.dot(v, w)
    out[1, 0:5, 0:6] = tw.dot(v, w, acc)
    out[2, 0:5, 0:6] = tw.dot(v, w, acc=acc, precision="ieee")
    out[3, 0:5, 0:6] = (w.T @ v.T).T
    out[4, 0:5, 0:6] = (v * 2.0) @ tw.maximum(w, 0.0) + acc
    out[5, 0:5, 0:6] = v @ w @ w.T @ w


def test_dot_and_its_operands(launch: Launch, rng: np.random.Generator) -> None:
    a, b, c = (rng.integers(-3, 4, s).astype(np.float32) for s in ((5, 8), (8, 6), (5, 6)))
    out = np.zeros((6, 5, 6), np.float32)
    launch(variants, a, b, c, out)
    expected = [a @ b, a @ b + c, a @ b + c, a @ b, (a * 2) @ np.maximum(b, 0) + c, a @ b @ b.T @ b]
    assert np.array(expected).tolist() == out.tolist()


def batched(a, b, out, P: tw.constexpr):
    out[0:P, 0:4, 0:3] = a[0:P, 0:4, 0:5] @ b[0:P, 0:5, 0:3]


@pytest.mark.parametrize("p", [1, 3])
def test_batches(launch: Launch, rng: np.random.Generator, p: int) -> None:
    a = rng.integers(-3, 4, (p, 4, 5)).astype(np.float32)
    b = rng.integers(-3, 4, (p, 5, 3)).astype(np.float32)
    out = np.zeros((p, 4, 3), np.float32)
    launch(batched, a, b, out, P=p)
    assert (a @ b).tolist() == out.tolist()


def wrong_inner(a, out):
    out[0:3, 0:3] = a[0:3, 0:4] @ a[0:3, 0:3]


def with_scalar(a, out):
    out[0:3, 0:3] = a[0:3, 0:3] @ 2.0


@pytest.mark.parametrize("kernel", [wrong_inner, with_scalar])
def test_wrong_shapes_are_refused(launch: Launch, kernel: Callable[..., None]) -> None:
    with pytest.raises(tw.CompileError):
        launch(kernel, np.ones((4, 4), np.float32), np.ones((4, 4), np.float32))


def test_a_product_of_f32_is_close_to_exact(launch: Launch, rng: np.random.Generator) -> None:
    a, b = rng.standard_normal((2, 64, 64)).astype(np.float32)
    out = np.zeros((64, 64), np.float32)
    launch(product, a, b, out, M=64, K=64, N=64, DT=tw.f32)
    exact = a.astype(np.float64) @ b.astype(np.float64)
    assert np.abs(out - exact).max() < 64 * 2**-23 * np.abs(a).max() * np.abs(b).max() * 4


def infinite(a, b, out):
    out[0:3, 0:3] = a[0:3, 0:3] @ b[0:3, 0:3]


def test_nan_and_infinity_pass_through(launch: Launch) -> None:
    a, b = np.ones((3, 3), np.float32), np.eye(3, dtype=np.float32)
    a[1, 1] = np.inf
    out = np.zeros((3, 3), np.float32)
    launch(infinite, a, b, out)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(a @ b, out)


def of_eight_bits(a, b, c):
    c[0:5, 0:4] = a[0:5, 0:6] @ b[0:6, 0:4]


def test_one_f8_times_the_other(launch: Launch, rng: np.random.Generator) -> None:
    a = rng.standard_normal((5, 6)).astype(ml_dtypes.float8_e4m3fn)
    b = rng.standard_normal((6, 4)).astype(ml_dtypes.float8_e5m2)
    c = np.full((5, 4), np.nan, np.float32)
    launch(of_eight_bits, a, b, c)
    np.testing.assert_allclose(c, a.astype(np.float64) @ b.astype(np.float64), rtol=1e-5, atol=1e-5)


def around(a, b, out, start, K: tw.constexpr):
    at, i = start + tw.arange(K).to(start.dtype), tw.arange(8)
    out[i[:, None], i[None, :]] = a[i[:, None], at[None, :]] @ b[at[:, None], i[None, :]]


@pytest.mark.parametrize(("dtype", "extent"), [(np.uint8, 20), (np.uint8, 5), (np.uint32, 9)])
def test_positions_along_k_may_wrap(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, dtype: type, extent: int
) -> None:
    """Behind the greatest number of a dtype lie 0 and what follows, which is inside again."""
    a, b = (rng.integers(-4, 5, shape).astype(np.float32) for shape in ((8, extent), (extent, 8)))
    out = guarded((8, 8))
    start = np.iinfo(dtype).max - 5
    launch(around, a, b, out, dtype(start), K=16)
    at = [k for k in range(10) if k < extent]
    np.testing.assert_array_equal(out, a[:, at] @ b[at])


def larger_than_registers(a, b, out, M: tw.constexpr, N: tw.constexpr, K: tw.constexpr):
    acc = tw.zeros((M, N), tw.f32)
    for k in range(0, a.shape[1], K):
        acc += a[0:M, k : k + K] @ b[k : k + K, 0:N]
    out[0:M, 0:N] = acc


@pytest.mark.parametrize(("m", "n"), [(256, 256), (64, 512), (192, 192)])
def test_results_that_no_registers_hold(
    launch: Launch, guarded: Guarded, rng: np.random.Generator, m: int, n: int
) -> None:
    a = guarded(rng.integers(-4, 5, (m, 192)).astype(np.float16))
    b = guarded(rng.integers(-4, 5, (192, n)).astype(np.float16))
    out = guarded((m, n))
    launch(larger_than_registers, a, b, out, M=m, N=n, K=64)
    np.testing.assert_array_equal(out, a.astype(np.float32) @ b.astype(np.float32))
