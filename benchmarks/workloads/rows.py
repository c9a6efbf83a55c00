"""Rows of a table: softmax, normalisations, the place of the largest, running sums."""

from functools import partial
from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload, by, call
from numpy.typing import NDArray
from peers import numba_math, on_jax, on_torch, on_torch_compile

import tilewright as tw


@tw.kernel
def softmax_kernel(x, out, COLS: tw.constexpr):
    """Softmax of one row; `COLS` is the number of columns, whatever it is."""
    row = tw.program_id(0)
    v = x[row, 0:COLS]
    e = tw.exp(v - tw.max(v))
    out[row, 0:COLS] = e / tw.sum(e)


@tw.kernel
def argmax_kernel(x, out, COLS: tw.constexpr, ROWS: tw.constexpr = 16):
    """The place of the largest of each row."""
    row = tw.program_id(0) * ROWS
    out[row : row + ROWS] = tw.argmax(x[row : row + ROWS, 0:COLS], axis=1)


@tw.kernel
def cumsum_kernel(x, out, COLS: tw.constexpr):
    """Running sums of one row."""
    row = tw.program_id(0)
    out[row, 0:COLS] = tw.cumsum(x[row, 0:COLS])


def _table(shape: tuple[int, int], rng: np.random.Generator) -> SimpleNamespace:
    return SimpleNamespace(x=rng.standard_normal(shape, dtype=np.float32) * 4)


def _by_row(kernel: tw.Kernel, data: SimpleNamespace, out: NDArray, rows: int = 1) -> Contender:
    """A kernel of a table and its result, `rows` rows a program."""
    count, cols = data.x.shape
    return call(kernel[tw.cdiv(count, rows)], data.x, out, COLS=cols, result=out)


# --- softmax ------------------------------------------------------------------------------------


def _softmax_reference(data: SimpleNamespace) -> NDArray:
    e = np.exp(data.x.astype(np.float64) - data.x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


SOFTMAX = tuple(
    Workload(f"softmax {shape[0]}x{shape[1]}", partial(_table, shape), _softmax_reference)
    for shape in ((4096, 1024), (1823, 781))
)


@by("tilewright", *SOFTMAX)
def _softmax_tilewright(data: SimpleNamespace) -> Contender:
    return _by_row(softmax_kernel, data, np.empty_like(data.x))


@by("numpy", *SOFTMAX)
def _softmax_numpy(data: SimpleNamespace) -> Contender:
    # In blocks of rows that stay in the cache.
    def run(x: NDArray, out: NDArray) -> None:
        for start in range(0, len(out), 64):
            part = out[start : start + 64]
            block = x[start : start + 64]
            np.subtract(block, block.max(axis=1, keepdims=True), out=part)
            np.exp(part, out=part)
            part /= part.sum(axis=1, keepdims=True)

    out = np.empty_like(data.x)
    return call(run, data.x, out, result=out)


@by("numba", *SOFTMAX)
def _softmax_numba(data: SimpleNamespace) -> Contender:
    import numba

    exp = numba_math().exp

    @numba.njit(parallel=True, fastmath=True)
    def run(x, out):
        rows, cols = x.shape
        for i in numba.prange(rows):
            top = x[i, 0]
            for j in range(cols):
                top = max(top, x[i, j])
            total = np.float32(0)
            for j in range(cols):
                e = exp(x[i, j] - top)
                out[i, j] = e
                total += e
            scale = np.float32(1) / total
            for j in range(cols):
                out[i, j] *= scale

    out = np.empty_like(data.x)
    return call(run, data.x, out, result=out)


@by("torch", *SOFTMAX)
def _softmax_torch(data: SimpleNamespace) -> Contender:
    import torch

    return on_torch(
        lambda x, out: torch.softmax(x, 1, out=out), data.x, result=np.empty_like(data.x)
    )


@by("torch.compile", *SOFTMAX)
def _softmax_torch_compile(data: SimpleNamespace) -> Contender:
    return on_torch_compile(
        lambda x, out: out.copy_(x.softmax(1)), data.x, result=np.empty_like(data.x)
    )


@by("jax", *SOFTMAX)
def _softmax_jax(data: SimpleNamespace) -> Contender:
    import jax

    return on_jax(jax.nn.softmax, data.x)


@by("taichi", *SOFTMAX)
def _softmax_taichi(data: SimpleNamespace) -> Contender:
    from peers import start_taichi

    ti = start_taichi()

    @ti.kernel
    def run(x: ti.types.ndarray(), out: ti.types.ndarray()):
        for i in range(x.shape[0]):
            top = x[i, 0]
            for j in range(x.shape[1]):
                top = ti.max(top, x[i, j])
            total = 0.0
            for j in range(x.shape[1]):
                e = ti.exp(x[i, j] - top)
                out[i, j] = e
                total += e
            for j in range(x.shape[1]):
                out[i, j] /= total

    out = np.empty_like(data.x)
    return call(run, data.x, out, result=out)


# --- argmax -------------------------------------------------------------------------------------


ARGMAX = Workload(
    "argmax of rows 4096x1024",
    partial(_table, (4096, 1024)),
    lambda data: data.x.argmax(axis=1),
    is_exact=True,
)


@by("tilewright", ARGMAX)
def _argmax_tilewright(data: SimpleNamespace) -> Contender:
    return _by_row(argmax_kernel, data, np.empty(len(data.x), np.int32), 16)


@by("numpy", ARGMAX)
def _argmax_numpy(data: SimpleNamespace) -> Contender:
    out = np.empty(len(data.x), np.intp)
    return call(data.x.argmax, axis=1, out=out, result=out)


@by("numba", ARGMAX)
def _argmax_numba(data: SimpleNamespace) -> Contender:
    import numba

    # LLVM makes vectors of a maximum and of a search for it, but not of both in one loop.
    @numba.njit(parallel=True, fastmath=True)
    def run(x, out):
        rows, cols = x.shape
        for i in numba.prange(rows):
            top = x[i, 0]
            for j in range(cols):
                top = max(top, x[i, j])
            place = np.int32(cols)
            for j in range(cols):
                place = min(place, np.int32(j) if x[i, j] == top else np.int32(cols))
            out[i] = place

    out = np.empty(len(data.x), np.int32)
    return call(run, data.x, out, result=out)


@by("torch", ARGMAX)
def _argmax_torch(data: SimpleNamespace) -> Contender:
    import torch

    out = np.empty(len(data.x), np.int64)
    return on_torch(lambda x, out: torch.argmax(x, 1, out=out), data.x, result=out)


@by("torch.compile", ARGMAX)
def _argmax_torch_compile(data: SimpleNamespace) -> Contender:
    out = np.empty(len(data.x), np.int64)
    return on_torch_compile(lambda x, out: out.copy_(x.argmax(1)), data.x, result=out)


@by("jax", ARGMAX)
def _argmax_jax(data: SimpleNamespace) -> Contender:
    return on_jax(lambda x: x.argmax(1), data.x)


# --- running sums -------------------------------------------------------------------------------


CUMSUM = Workload(
    "cumsum of rows 4096x1024",
    partial(_table, (4096, 1024)),
    lambda data: data.x.cumsum(axis=1, dtype=np.float64),
)


@by("tilewright", CUMSUM)
def _cumsum_tilewright(data: SimpleNamespace) -> Contender:
    return _by_row(cumsum_kernel, data, np.empty_like(data.x))


@by("numpy", CUMSUM)
def _cumsum_numpy(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    return call(data.x.cumsum, axis=1, out=out, result=out)


@by("numba", CUMSUM)
def _cumsum_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(x, out):
        for i in numba.prange(x.shape[0]):
            total = np.float32(0)
            for j in range(x.shape[1]):
                total += x[i, j]
                out[i, j] = total

    out = np.empty_like(data.x)
    return call(run, data.x, out, result=out)


@by("torch", CUMSUM)
def _cumsum_torch(data: SimpleNamespace) -> Contender:
    import torch

    return on_torch(
        lambda x, out: torch.cumsum(x, 1, out=out), data.x, result=np.empty_like(data.x)
    )


@by("torch.compile", CUMSUM)
def _cumsum_torch_compile(data: SimpleNamespace) -> Contender:
    return on_torch_compile(
        lambda x, out: out.copy_(x.cumsum(1)), data.x, result=np.empty_like(data.x)
    )


@by("jax", CUMSUM)
def _cumsum_jax(data: SimpleNamespace) -> Contender:
    return on_jax(lambda x: x.cumsum(1), data.x)


WORKLOADS = (*SOFTMAX, ARGMAX, CUMSUM)
