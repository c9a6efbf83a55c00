"""A stencil over a grid: one round of Jacobi's method."""

from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload, by, call
from numpy.typing import NDArray
from peers import on_jax, on_torch, on_torch_compile

import tilewright as tw

SIZE = 2048


@tw.kernel
def jacobi_kernel(x, inner, N: tw.constexpr):
    """One row, in which each point becomes the mean of its neighbours; `inner` has no border."""
    i = tw.program_id(0)
    inner[i, 0:N] = 0.25 * (
        x[i, 1 : 1 + N] + x[i + 2, 1 : 1 + N] + x[i + 1, 0:N] + x[i + 1, 2 : 2 + N]
    )


def _make(rng: np.random.Generator) -> SimpleNamespace:
    return SimpleNamespace(x=rng.standard_normal((SIZE, SIZE), dtype=np.float32))


def _reference(data: SimpleNamespace) -> NDArray:
    x = data.x.astype(np.float64)
    x[1:-1, 1:-1] = 0.25 * (x[:-2, 1:-1] + x[2:, 1:-1] + x[1:-1, :-2] + x[1:-1, 2:])
    return x


JACOBI = Workload(f"jacobi {SIZE}^2", _make, _reference)
WORKLOADS = (JACOBI,)


@by("tilewright", JACOBI)
def _tilewright(data: SimpleNamespace) -> Contender:
    out = data.x.copy()
    return call(jacobi_kernel[SIZE - 2], data.x, out[1:-1, 1:-1], N=SIZE - 2, result=out)


@by("numpy", JACOBI)
def _numpy(data: SimpleNamespace) -> Contender:
    def run(x: NDArray, out: NDArray) -> None:
        inner = out[1:-1, 1:-1]
        np.add(x[:-2, 1:-1], x[2:, 1:-1], out=inner)
        inner += x[1:-1, :-2]
        inner += x[1:-1, 2:]
        inner *= 0.25

    out = data.x.copy()
    return call(run, data.x, out, result=out)


@by("numba", JACOBI)
def _numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(x, out):
        rows, cols = x.shape
        for i in numba.prange(1, rows - 1):
            for j in range(1, cols - 1):
                out[i, j] = np.float32(0.25) * (
                    x[i - 1, j] + x[i + 1, j] + x[i, j - 1] + x[i, j + 1]
                )

    out = data.x.copy()
    return call(run, data.x, out, result=out)


def _on_torch(x, out) -> None:
    out[1:-1, 1:-1] = 0.25 * (x[:-2, 1:-1] + x[2:, 1:-1] + x[1:-1, :-2] + x[1:-1, 2:])


@by("torch", JACOBI)
def _torch(data: SimpleNamespace) -> Contender:
    return on_torch(_on_torch, data.x, result=data.x.copy())


@by("torch.compile", JACOBI)
def _torch_compile(data: SimpleNamespace) -> Contender:
    return on_torch_compile(_on_torch, data.x, result=data.x.copy())


@by("jax", JACOBI)
def _jax(data: SimpleNamespace) -> Contender:
    import jax.numpy as jnp

    # `.at[].set` takes ten times as long.
    def run(x):
        inner = 0.25 * (x[:-2, 1:-1] + x[2:, 1:-1] + x[1:-1, :-2] + x[1:-1, 2:])
        inner = jnp.concatenate([x[1:-1, :1], inner, x[1:-1, -1:]], axis=1)
        return jnp.concatenate([x[:1], inner, x[-1:]])

    return on_jax(run, data.x)
