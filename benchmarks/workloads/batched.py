"""Many small matrix products."""

from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload, by, call
from numpy.typing import NDArray
from peers import on_jax, on_torch

import tilewright as tw

COUNT, SIZE = 1000, 32


@tw.kernel
def batched_kernel(a, b, c, N: tw.constexpr):
    """`c = a @ b` for one pair of matrices."""
    p = tw.program_id(0)
    c[p, 0:N, 0:N] = a[p, 0:N, 0:N] @ b[p, 0:N, 0:N]


def _make(rng: np.random.Generator) -> SimpleNamespace:
    a, b = (rng.standard_normal((COUNT, SIZE, SIZE), dtype=np.float32) for _ in range(2))
    return SimpleNamespace(a=a, b=b)


def _reference(data: SimpleNamespace) -> NDArray:
    return data.a.astype(np.float64) @ data.b.astype(np.float64)


BATCHED = Workload(f"matmul of {COUNT} x {SIZE}^3", _make, _reference)
WORKLOADS = (BATCHED,)


@by("tilewright", BATCHED)
def _tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.a)
    return call(batched_kernel[COUNT], data.a, data.b, out, N=SIZE, result=out)


@by("numpy", BATCHED)
def _numpy(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.a)
    return call(np.matmul, data.a, data.b, out=out, result=out)


@by("numba", BATCHED)
def _numba(data: SimpleNamespace) -> Contender:
    import numba

    # Rows of c as sums of rows of b: LLVM keeps four of them in registers.
    @numba.njit(parallel=True, fastmath=True)
    def run(a, b, c):
        for p in numba.prange(COUNT):
            for i in range(0, SIZE, 2):
                first, second = np.zeros(SIZE, np.float32), np.zeros(SIZE, np.float32)
                for k in range(SIZE):
                    for j in range(SIZE):
                        first[j] += a[p, i, k] * b[p, k, j]
                        second[j] += a[p, i + 1, k] * b[p, k, j]
                for j in range(SIZE):
                    c[p, i, j], c[p, i + 1, j] = first[j], second[j]

    out = np.empty_like(data.a)
    return call(run, data.a, data.b, out, result=out)


@by("torch", BATCHED)
def _torch(data: SimpleNamespace) -> Contender:
    import torch

    return on_torch(
        lambda a, b, c: torch.bmm(a, b, out=c), data.a, data.b, result=np.empty_like(data.a)
    )


@by("jax", BATCHED)
def _jax(data: SimpleNamespace) -> Contender:
    return on_jax(lambda a, b: a @ b, data.a, data.b)
