"""What a call costs when there is next to nothing to compute: saxpy of 16 elements."""

from types import SimpleNamespace

import numpy as np
from harness import THREADS, Contender, Workload, by, call
from numpy.typing import NDArray

import tilewright as tw


@tw.kernel
def saxpy_kernel(a, x, y, BLOCK: tw.constexpr = 16):
    """`y = a * x + y` in place."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    y[i] = a * x[i] + y[i]


@tw.kernel
def add_kernel(x, y, out, BLOCK: tw.constexpr = 16):
    """`out = 2 * x + y`."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = 2.0 * x[i] + y[i]


@tw.kernel
def handed_out_kernel(x, out, n):
    """`out = 2 * x`, 16 elements a program; the loops hide from the estimate how little that is."""
    i = tw.program_id(0) * 16 + tw.arange(16)
    for _first in range(n):
        for _second in range(n):
            for _third in range(n):
                out[i] = 2.0 * x[i]


def _scalar_and_arrays(rng: np.random.Generator) -> SimpleNamespace:
    # a = 0: however often it runs, y stays what it is.
    x, y = (rng.standard_normal(16, dtype=np.float32) for _ in range(2))
    return SimpleNamespace(a=0.0, x=x, y=y)


def _three_arrays(rng: np.random.Generator) -> SimpleNamespace:
    x, y = (rng.standard_normal(16, dtype=np.float32) for _ in range(2))
    return SimpleNamespace(x=x, y=y)


def _arrays_reference(data: SimpleNamespace) -> NDArray:
    return 2.0 * data.x.astype(np.float64) + data.y


SCALAR = Workload(
    "launch saxpy 16 (a, x, y)", _scalar_and_arrays, lambda data: data.y.astype(np.float64)
)
ARRAYS = Workload("launch saxpy 16 (x, y, out)", _three_arrays, _arrays_reference)
# Work for each thread, which a library hands out in earnest: ours would do it all in the caller.
HANDED_OUT = Workload(
    "launch on all threads",
    lambda rng: SimpleNamespace(x=rng.standard_normal(16 * THREADS, dtype=np.float32)),
    lambda data: 2.0 * data.x.astype(np.float64),
)
WORKLOADS = (SCALAR, ARRAYS, HANDED_OUT)


@by("tilewright", SCALAR)
def _scalar_tilewright(data: SimpleNamespace) -> Contender:
    y = data.y.copy()
    names = {"saxpy": saxpy_kernel, "a": data.a, "x": data.x, "y": y}
    return Contender("saxpy[1](a, x, y)", names, lambda: y)


@by("numba-serial", SCALAR)
def _scalar_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(fastmath=True)
    def run(a, x, y):
        for i in range(x.size):
            y[i] = np.float32(a) * x[i] + y[i]

    y = data.y.copy()
    return Contender("run(a, x, y)", {"run": run, "a": data.a, "x": data.x, "y": y}, lambda: y)


@by("torch", SCALAR)
def _scalar_torch(data: SimpleNamespace) -> Contender:
    import torch

    y = data.y.copy()
    x, result = torch.from_numpy(data.x), torch.from_numpy(y)
    names = {"add": result.add_, "x": x, "a": data.a}
    return Contender("add(x, alpha=a)", names, lambda: y)


@by("tilewright", ARRAYS)
def _arrays_tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    names = {"add": add_kernel, "out": out, **vars(data)}
    return Contender("add[1](x, y, out)", names, lambda: out)


@by("numba-serial", ARRAYS)
def _arrays_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(fastmath=True)
    def run(x, y, out):
        for i in range(x.size):
            out[i] = np.float32(2) * x[i] + y[i]

    out = np.empty_like(data.x)
    return Contender("run(x, y, out)", {"run": run, "out": out, **vars(data)}, lambda: out)


@by("torch", ARRAYS)
def _arrays_torch(data: SimpleNamespace) -> Contender:
    import torch

    out = np.empty_like(data.x)
    x, y, result = map(torch.from_numpy, (data.x, data.y, out))
    names = {"add": torch.add, "x": x, "y": y, "out": result}
    return Contender("add(y, x, alpha=2, out=out)", names, lambda: out)


@by("tilewright", HANDED_OUT)
def _handed_out_tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    return call(handed_out_kernel[THREADS], data.x, out, 1, result=out)


@by("numba", HANDED_OUT)
def _handed_out_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(x, out):
        for p in numba.prange(x.size // 16):
            for i in range(p * 16, p * 16 + 16):
                out[i] = np.float32(2) * x[i]

    out = np.empty_like(data.x)
    return call(run, data.x, out, result=out)
