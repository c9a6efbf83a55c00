"""Streams through memory: copy, triad, saxpy, sum, and the transpose of a matrix."""

from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload, by, call
from numpy.typing import NDArray
from peers import on_jax, on_torch, on_torch_compile

import tilewright as tw


@tw.kernel
def copy_kernel(x, out, BLOCK: tw.constexpr = 8192):
    """`out = x`."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = x[i]


@tw.kernel
def saxpy_kernel(a, x, y, out, BLOCK: tw.constexpr = 8192):
    """`out = a * x + y`."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = a * x[i] + y[i]


@tw.kernel
def saxpy_in_place_kernel(a, x, y, BLOCK: tw.constexpr = 65536):
    """`y = a * x + y`."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    y[i] = a * x[i] + y[i]


@tw.kernel
def sum_kernel(x, out, BLOCK: tw.constexpr):
    """The sum of each block."""
    p = tw.program_id(0)
    out[p] = tw.sum(x[p * BLOCK : (p + 1) * BLOCK])


@tw.kernel
def transpose_kernel(x, out, BM: tw.constexpr = 64, BN: tw.constexpr = 64):
    """`out = x.T`, a tile a program."""
    m, n = tw.program_id(1) * BM, tw.program_id(0) * BN
    out[n : n + BN, m : m + BM] = x[m : m + BM, n : n + BN].T


# --- a * x + y: `out` is an array of its own, or y itself ---------------------------------------


def _two_vectors(count: int, dtype: type) -> SimpleNamespace:
    def make(rng: np.random.Generator) -> SimpleNamespace:
        x, y = (rng.standard_normal(count, dtype=dtype) for _ in range(2))
        return SimpleNamespace(a=dtype(rng.standard_normal()), x=x, y=y)

    return make


def _saxpy_reference(data: SimpleNamespace) -> NDArray:
    wide = np.longdouble if data.x.dtype == np.float64 else np.float64
    return wide(data.a) * data.x + data.y


OUT_OF_PLACE = (
    Workload("saxpy 2^24", _two_vectors(2**24, np.float32), _saxpy_reference),
    Workload("saxpy 2^14", _two_vectors(2**14, np.float32), _saxpy_reference),
    Workload("triad f64 2^24", _two_vectors(2**24, np.float64), _saxpy_reference),
)
# What this one adds up grows slowly from run to run; only the first result is checked.
IN_PLACE = Workload("saxpy in place 2^24", _two_vectors(2**24, np.float32), _saxpy_reference)


@by("tilewright", *OUT_OF_PLACE)
def _saxpy_tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    kernel = saxpy_kernel[tw.cdiv(out.size, 8192)]
    return call(kernel, data.a, data.x, data.y, out, result=out)


@by("tilewright", IN_PLACE)
def _in_place_tilewright(data: SimpleNamespace) -> Contender:
    y = data.y.copy()
    return call(saxpy_in_place_kernel[tw.cdiv(y.size, 65536)], data.a, data.x, y, result=y)


@by("numpy", *OUT_OF_PLACE)
def _saxpy_numpy(data: SimpleNamespace) -> Contender:
    # In blocks that stay in the cache, as one writes it for speed.
    out = np.empty_like(data.x)

    def run(a, x, y, out) -> None:
        for start in range(0, out.size, 16384):
            part = slice(start, start + 16384)
            np.multiply(x[part], a, out=out[part])
            out[part] += y[part]

    def small(a, x, y, out, multiply=np.multiply, add=np.add) -> None:
        add(multiply(x, a, out), y, out)

    run = small if out.size <= 16384 else run
    return call(run, data.a, data.x, data.y, out, result=out)


@by("scipy-blas", IN_PLACE)
def _in_place_blas(data: SimpleNamespace) -> Contender:
    from scipy.linalg.blas import saxpy

    y = data.y.copy()
    return call(saxpy, data.x, y, a=data.a, result=y)


def _numba_saxpy(parallel: bool):
    import numba

    @numba.njit(parallel=parallel, fastmath=True)
    def run(a, x, y, out):
        for i in numba.prange(x.size):
            out[i] = a * x[i] + y[i]

    return run


@by("numba", *OUT_OF_PLACE)
def _saxpy_numba(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    return call(_numba_saxpy(True), data.a, data.x, data.y, out, result=out)


@by("numba-serial", OUT_OF_PLACE[1])
def _saxpy_numba_serial(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    return call(_numba_saxpy(False), data.a, data.x, data.y, out, result=out)


@by("numba", IN_PLACE)
def _in_place_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(a, x, y):
        for i in numba.prange(x.size):
            y[i] = a * x[i] + y[i]

    y = data.y.copy()
    return call(run, data.a, data.x, y, result=y)


@by("torch", *OUT_OF_PLACE)
def _saxpy_torch(data: SimpleNamespace) -> Contender:
    import torch

    out = np.empty_like(data.x)
    x, y, result = map(torch.from_numpy, (data.x, data.y, out))
    return call(torch.add, y, x, alpha=float(data.a), out=result, result=out)


@by("torch", IN_PLACE)
def _in_place_torch(data: SimpleNamespace) -> Contender:
    import torch

    y = data.y.copy()
    add = torch.from_numpy(y).add_
    return call(add, torch.from_numpy(data.x), alpha=float(data.a), result=y)


@by("torch.compile", *OUT_OF_PLACE)
def _saxpy_torch_compile(data: SimpleNamespace) -> Contender:
    a, out = float(data.a), np.empty_like(data.x)
    return on_torch_compile(lambda x, y, out: out.copy_(a * x + y), data.x, data.y, result=out)


@by("jax", *OUT_OF_PLACE)
def _saxpy_jax(data: SimpleNamespace) -> Contender:
    return on_jax(lambda a, x, y: a * x + y, data.a, data.x, data.y)


@by("taichi", *OUT_OF_PLACE[:2])
def _saxpy_taichi(data: SimpleNamespace) -> Contender:
    from peers import start_taichi

    ti = start_taichi()

    @ti.kernel
    def run(a: ti.f32, x: ti.types.ndarray(), y: ti.types.ndarray(), out: ti.types.ndarray()):
        for i in range(x.shape[0]):
            out[i] = a * x[i] + y[i]

    out = np.empty_like(data.x)
    return call(run, data.a, data.x, data.y, out, result=out)


# --- copy and transpose -------------------------------------------------------------------------


COPY = Workload(
    "copy 2^24",
    lambda rng: SimpleNamespace(x=rng.standard_normal(2**24, dtype=np.float32)),
    lambda data: data.x,
    is_exact=True,
)
TRANSPOSE = Workload(
    "transpose 4096^2",
    lambda rng: SimpleNamespace(x=rng.standard_normal((4096, 4096), dtype=np.float32)),
    lambda data: data.x.T,
    is_exact=True,
)


@by("tilewright", COPY)
def _copy_tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    return call(copy_kernel[tw.cdiv(out.size, 8192)], data.x, out, result=out)


@by("tilewright", TRANSPOSE)
def _transpose_tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    return call(transpose_kernel[4096 // 64, 4096 // 64], data.x, out, result=out)


@by("numpy", COPY, TRANSPOSE)
def _copy_numpy(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    return call(np.copyto, out, data.x.T, result=out)


@by("numba", COPY)
def _copy_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(x, out):
        for i in numba.prange(x.size):
            out[i] = x[i]

    out = np.empty_like(data.x)
    return call(run, data.x, out, result=out)


@by("numba", TRANSPOSE)
def _transpose_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(x, out):
        rows, cols = x.shape
        for block in numba.prange(rows // 32):
            for start in range(0, cols, 32):
                for j in range(start, start + 32):
                    for i in range(block * 32, block * 32 + 32):
                        out[j, i] = x[i, j]

    out = np.empty_like(data.x)
    return call(run, data.x, out, result=out)


@by("torch", COPY, TRANSPOSE)
def _copy_torch(data: SimpleNamespace) -> Contender:
    return on_torch(lambda x, out: out.copy_(x.t()), data.x, result=np.empty_like(data.x))


@by("torch.compile", COPY, TRANSPOSE)
def _copy_torch_compile(data: SimpleNamespace) -> Contender:
    return on_torch_compile(lambda x, out: out.copy_(x.t()), data.x, result=np.empty_like(data.x))


@by("jax", COPY)
def _copy_jax(data: SimpleNamespace) -> Contender:
    return on_jax(lambda x: x.copy(), data.x)


@by("jax", TRANSPOSE)
def _transpose_jax(data: SimpleNamespace) -> Contender:
    return on_jax(lambda x: x.T, data.x)


# --- sum ----------------------------------------------------------------------------------------


SUM = Workload(
    "sum 2^24",
    lambda rng: SimpleNamespace(x=rng.random(2**24, dtype=np.float32)),
    lambda data: np.array(data.x.sum(dtype=np.float64)),
)


@by("tilewright", SUM)
def _sum_tilewright(data: SimpleNamespace) -> Contender:
    # A program a block of 256 KiB, then one program for the partial sums.
    blocks = data.x.size // 65536
    parts, out = np.empty(blocks, np.float32), np.empty(1, np.float32)

    def run(first=sum_kernel[blocks], second=sum_kernel[1]) -> None:
        first(data.x, parts, BLOCK=65536)
        second(parts, out, BLOCK=blocks)

    return call(run, result=out)


@by("numpy", SUM)
def _sum_numpy(data: SimpleNamespace) -> Contender:
    out = np.empty((), np.float32)
    return call(data.x.sum, out=out, result=out)


@by("numba", SUM)
def _sum_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(x):
        total = np.float32(0)
        for i in numba.prange(x.size):
            total += x[i]
        return total

    return Contender("run(x)", {"run": run, "x": data.x}, lambda: np.array(run(data.x)))


@by("torch", SUM)
def _sum_torch(data: SimpleNamespace) -> Contender:
    import torch

    x, out = torch.from_numpy(data.x), np.empty((), np.float32)
    return call(torch.sum, x, 0, out=torch.from_numpy(out), result=out)


@by("jax", SUM)
def _sum_jax(data: SimpleNamespace) -> Contender:
    return on_jax(lambda x: x.sum(), data.x)


WORKLOADS = (COPY, IN_PLACE, *OUT_OF_PLACE, SUM, TRANSPOSE)
