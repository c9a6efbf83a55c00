"""A sparse matrix in compressed rows times a vector."""

from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload, by, call
from numpy.typing import NDArray
from peers import on_jax

import tilewright as tw

ROWS, IN_ROW = 200_000, 16


@tw.kernel
def spmv_kernel(start, column, value, x, out, ROWS: tw.constexpr = 256):
    """A block of rows, one after another: shorter than vectors with their gathers pay for."""
    top = tw.program_id(0) * ROWS
    for row in range(top, min(top + ROWS, out.shape[0])):
        total = 0.0
        for k in range(start[row], start[row + 1]):
            total += value[k] * x[column[k]]
        out[row] = total


def _make(rng: np.random.Generator) -> SimpleNamespace:
    return SimpleNamespace(
        start=np.arange(0, ROWS * IN_ROW + 1, IN_ROW, np.int32),
        column=np.sort(rng.integers(0, ROWS, (ROWS, IN_ROW), np.int32)).ravel(),
        value=rng.standard_normal(ROWS * IN_ROW, dtype=np.float32),
        x=rng.standard_normal(ROWS, dtype=np.float32),
    )


def _reference(data: SimpleNamespace) -> NDArray:
    return np.add.reduceat(data.value.astype(np.float64) * data.x[data.column], data.start[:-1])


SPMV = Workload("CSR spmv 200k x 16", _make, _reference)
WORKLOADS = (SPMV,)


@by("tilewright", SPMV)
def _tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty(ROWS, np.float32)
    return call(spmv_kernel[tw.cdiv(ROWS, 256)], *vars(data).values(), out, result=out)


@by("scipy", SPMV)
def _scipy(data: SimpleNamespace) -> Contender:
    from scipy.sparse import csr_array

    matrix = csr_array((data.value, data.column, data.start), shape=(ROWS, ROWS))
    names = {"matrix": matrix, "x": data.x}
    return Contender("matrix @ x", names, lambda: matrix @ data.x)


@by("numba", SPMV)
def _numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(start, column, value, x, out):
        for i in numba.prange(out.size):
            total = np.float32(0)
            for k in range(start[i], start[i + 1]):
                total += value[k] * x[column[k]]
            out[i] = total

    out = np.empty(ROWS, np.float32)
    return call(run, *vars(data).values(), out, result=out)


@by("torch", SPMV)
def _torch(data: SimpleNamespace) -> Contender:
    import torch

    out = np.empty(ROWS, np.float32)
    start, column, value, x, result = map(torch.from_numpy, (*vars(data).values(), out))
    matrix = torch.sparse_csr_tensor(start, column, value, (ROWS, ROWS))
    return call(torch.mv, matrix, x, out=result, result=out)


@by("jax", SPMV)
def _jax(data: SimpleNamespace) -> Contender:
    import jax

    row = np.repeat(np.arange(ROWS, dtype=np.int32), np.diff(data.start))

    def run(row, column, value, x):
        return jax.ops.segment_sum(value * x[column], row, ROWS, indices_are_sorted=True)

    return on_jax(run, row, data.column, data.value, data.x)


@by("taichi", SPMV)
def _taichi(data: SimpleNamespace) -> Contender:
    from peers import start_taichi

    ti = start_taichi()
    array = ti.types.ndarray()

    @ti.kernel
    def run(start: array, column: array, value: array, x: array, out: array):
        for i in range(out.shape[0]):
            total = 0.0
            for k in range(start[i], start[i + 1]):
                total += value[k] * x[column[k]]
            out[i] = total

    out = np.empty(ROWS, np.float32)
    return call(run, *vars(data).values(), out, result=out)
