"""Rows of a table in order: their values, and the positions that sort them."""

from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload, by, call
from numpy.typing import NDArray
from peers import on_jax

import tilewright as tw

SHAPE = (1024, 1024)


@tw.kernel
def sort_kernel(x, out, COLS: tw.constexpr):
    """One row in ascending order."""
    row = tw.program_id(0)
    out[row, 0:COLS] = tw.sort(x[row, 0:COLS])


@tw.kernel
def argsort_kernel(x, out, COLS: tw.constexpr):
    """The positions that sort one row, stably."""
    row = tw.program_id(0)
    out[row, 0:COLS] = tw.argsort(x[row, 0:COLS])


def _table(rng: np.random.Generator) -> SimpleNamespace:
    return SimpleNamespace(x=rng.standard_normal(SHAPE, dtype=np.float32))


def _sorted(data: SimpleNamespace) -> NDArray:
    return np.sort(data.x, axis=1)


def _positions(data: SimpleNamespace) -> NDArray:
    return np.argsort(data.x, axis=1, kind="stable")


SORT = Workload(f"sort of rows {SHAPE[0]}x{SHAPE[1]}", _table, _sorted, is_exact=True)
ARGSORT = Workload(f"argsort of rows {SHAPE[0]}x{SHAPE[1]}", _table, _positions, is_exact=True)
WORKLOADS = (SORT, ARGSORT)


@by("tilewright", SORT)
def _sort_tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    return call(sort_kernel[SHAPE[0]], data.x, out, COLS=SHAPE[1], result=out)


@by("tilewright", ARGSORT)
def _argsort_tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty(SHAPE, np.int32)
    return call(argsort_kernel[SHAPE[0]], data.x, out, COLS=SHAPE[1], result=out)


@by("numpy", SORT)
def _sort_numpy(data: SimpleNamespace) -> Contender:
    def run(x: NDArray, out: NDArray) -> None:
        out[...] = x
        out.sort(axis=1)

    out = np.empty_like(data.x)
    return call(run, data.x, out, result=out)


@by("numpy", ARGSORT)
def _argsort_numpy(data: SimpleNamespace) -> Contender:
    # Not the stable sort, which takes several times as long.
    return Contender("x.argsort(axis=1)", {"x": data.x}, lambda: data.x.argsort(axis=1))


@by("numba", SORT)
def _sort_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True)
    def run(x, out):
        for i in numba.prange(x.shape[0]):
            out[i] = np.sort(x[i])

    out = np.empty_like(data.x)
    return call(run, data.x, out, result=out)


@by("numba", ARGSORT)
def _argsort_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True)
    def run(x, out):
        for i in numba.prange(x.shape[0]):
            out[i] = np.argsort(x[i])

    out = np.empty(data.x.shape, np.int32)
    return call(run, data.x, out, result=out)


@by("torch", SORT)
def _sort_torch(data: SimpleNamespace) -> Contender:
    return _on_torch(data, 0)


@by("torch", ARGSORT)
def _argsort_torch(data: SimpleNamespace) -> Contender:
    return _on_torch(data, 1)


def _on_torch(data: SimpleNamespace, which: int) -> Contender:
    import torch

    out = torch.empty(SHAPE), torch.empty(SHAPE, dtype=torch.int64)
    return call(torch.sort, torch.from_numpy(data.x), 1, out=out, result=out[which].numpy())


@by("jax", SORT)
def _sort_jax(data: SimpleNamespace) -> Contender:
    import jax.numpy as jnp

    return on_jax(jnp.sort, data.x)


@by("jax", ARGSORT)
def _argsort_jax(data: SimpleNamespace) -> Contender:
    import jax.numpy as jnp

    return on_jax(jnp.argsort, data.x)
