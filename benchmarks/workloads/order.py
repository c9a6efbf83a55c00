"""Rows of a table in order: their values, and the positions that sort them."""

from functools import partial
from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload
from numpy.typing import NDArray

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


def _tilewright(kernel: tw.Kernel, dtype: type, data: SimpleNamespace) -> Contender:
    out = np.empty(data.x.shape, dtype)
    rows, cols = out.shape
    names = {"k": kernel[rows], "x": data.x, "out": out, "cols": cols}
    return Contender("k(x, out, COLS=cols)", names, lambda: out)


def _sort_numpy(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)

    def run() -> None:
        out[...] = data.x
        out.sort(axis=1)

    return Contender("run()", {"run": run}, lambda: out)


def _argsort_numpy(data: SimpleNamespace) -> Contender:
    # Not the stable sort, which takes several times as long.
    names = {"x": data.x, "found": {}}
    return Contender("found['order'] = x.argsort(axis=1)", names, lambda: names["found"]["order"])


def _sort_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True)
    def run(x, out):
        for i in numba.prange(x.shape[0]):
            out[i] = np.sort(x[i])

    out = np.empty_like(data.x)
    return Contender("run(x, out)", {"run": run, "x": data.x, "out": out}, lambda: out)


def _argsort_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True)
    def run(x, out):
        for i in numba.prange(x.shape[0]):
            out[i] = np.argsort(x[i])

    out = np.empty(data.x.shape, np.int32)
    return Contender("run(x, out)", {"run": run, "x": data.x, "out": out}, lambda: out)


def _sort_torch(data: SimpleNamespace) -> Contender:
    import torch

    values, positions = torch.empty(SHAPE), torch.empty(SHAPE, dtype=torch.int64)
    call = partial(torch.sort, torch.from_numpy(data.x), 1, out=(values, positions))
    return Contender("call()", {"call": call}, values.numpy)


WORKLOADS = (
    Workload(
        f"sort of rows {SHAPE[0]}x{SHAPE[1]}", _table, _sorted,
        {
            "tilewright": partial(_tilewright, sort_kernel, np.float32), "numpy": _sort_numpy,
            "numba": _sort_numba, "torch": _sort_torch,
        },
        is_exact=True,
    ),
    Workload(
        f"argsort of rows {SHAPE[0]}x{SHAPE[1]}", _table, _positions,
        {
            "tilewright": partial(_tilewright, argsort_kernel, np.int32), "numpy": _argsort_numpy,
            "numba": _argsort_numba,
        },
        is_exact=True,
    ),
)  # fmt: skip
