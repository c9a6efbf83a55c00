"""Normalisations of the rows of a table: layernorm and rmsnorm."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload, by, call
from numpy.typing import NDArray
from peers import on_jax, on_torch, on_torch_compile

import tilewright as tw

ROWS, COLS = 4096, 1024
EPS = 1e-5


@tw.kernel
def layernorm_kernel(x, weight, bias, out, eps, COLS: tw.constexpr):
    """Layer normalisation of one row."""
    row = tw.program_id(0)
    v = x[row, 0:COLS]
    centred = v - tw.mean(v)
    scale = tw.rsqrt(tw.mean(centred * centred) + eps)
    out[row, 0:COLS] = centred * scale * weight[0:COLS] + bias[0:COLS]


@tw.kernel
def rmsnorm_kernel(x, weight, out, eps, COLS: tw.constexpr):
    """Division of one row by the root of its mean square."""
    row = tw.program_id(0)
    v = x[row, 0:COLS]
    out[row, 0:COLS] = v * tw.rsqrt(tw.mean(v * v) + eps) * weight[0:COLS]


def _make(names: str, rng: np.random.Generator) -> SimpleNamespace:
    x = rng.standard_normal((ROWS, COLS), dtype=np.float32) * 3 + 1
    vectors = {name: rng.standard_normal(COLS, dtype=np.float32) for name in names.split()}
    return SimpleNamespace(x=x, **vectors)


def _layernorm_reference(data: SimpleNamespace) -> NDArray:
    x = data.x.astype(np.float64)
    x = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + EPS)
    return x * data.weight + data.bias


def _rmsnorm_reference(data: SimpleNamespace) -> NDArray:
    x = data.x.astype(np.float64)
    return x / np.sqrt((x * x).mean(1, keepdims=True) + EPS) * data.weight


LAYERNORM = Workload(
    f"layernorm {ROWS}x{COLS}", partial(_make, "weight bias"), _layernorm_reference
)
RMSNORM = Workload(f"rmsnorm {ROWS}x{COLS}", partial(_make, "weight"), _rmsnorm_reference)
WORKLOADS = (LAYERNORM, RMSNORM)


@by("tilewright", LAYERNORM)
def _layernorm_tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    return call(layernorm_kernel[ROWS], *vars(data).values(), out, EPS, COLS=COLS, result=out)


@by("tilewright", RMSNORM)
def _rmsnorm_tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    return call(rmsnorm_kernel[ROWS], *vars(data).values(), out, EPS, COLS=COLS, result=out)


@by("numba", LAYERNORM)
def _layernorm_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(x, weight, bias, out):
        rows, cols = x.shape
        for i in numba.prange(rows):
            total = np.float32(0)
            for j in range(cols):
                total += x[i, j]
            mean = total / np.float32(cols)
            squares = np.float32(0)
            for j in range(cols):
                centred = x[i, j] - mean
                squares += centred * centred
            scale = np.float32(1) / np.sqrt(squares / np.float32(cols) + np.float32(EPS))
            for j in range(cols):
                out[i, j] = (x[i, j] - mean) * scale * weight[j] + bias[j]

    out = np.empty_like(data.x)
    return call(run, *vars(data).values(), out, result=out)


@by("numba", RMSNORM)
def _rmsnorm_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(x, weight, out):
        rows, cols = x.shape
        for i in numba.prange(rows):
            squares = np.float32(0)
            for j in range(cols):
                squares += x[i, j] * x[i, j]
            scale = np.float32(1) / np.sqrt(squares / np.float32(cols) + np.float32(EPS))
            for j in range(cols):
                out[i, j] = x[i, j] * scale * weight[j]

    out = np.empty_like(data.x)
    return call(run, *vars(data).values(), out, result=out)


@by("torch", LAYERNORM)
def _layernorm_torch(data: SimpleNamespace) -> Contender:
    import torch

    out = np.empty_like(data.x)
    x, weight, bias, result = map(torch.from_numpy, (data.x, data.weight, data.bias, out))
    mean, scale = torch.empty((ROWS, 1)), torch.empty((ROWS, 1))
    run = partial(
        torch.ops.aten.native_layer_norm.out, x, [COLS], weight, bias, EPS,
        out0=result, out1=mean, out2=scale,
    )  # fmt: skip
    return call(run, result=out)


@by("torch", RMSNORM)
def _rmsnorm_torch(data: SimpleNamespace) -> Contender:
    return _rmsnorm_on_torch(on_torch, data)


@by("torch.compile", RMSNORM)
def _rmsnorm_torch_compile(data: SimpleNamespace) -> Contender:
    return _rmsnorm_on_torch(on_torch_compile, data)


def _rmsnorm_on_torch(way: Callable[..., Contender], data: SimpleNamespace) -> Contender:
    from torch.nn.functional import rms_norm

    def run(x, weight, out):
        out.copy_(rms_norm(x, (COLS,), weight, EPS))

    return way(run, data.x, data.weight, result=np.empty_like(data.x))


@by("torch.compile", LAYERNORM)
def _layernorm_torch_compile(data: SimpleNamespace) -> Contender:
    from torch.nn.functional import layer_norm

    def run(x, weight, bias, out):
        out.copy_(layer_norm(x, (COLS,), weight, bias, EPS))

    return on_torch_compile(run, *vars(data).values(), result=np.empty_like(data.x))


@by("jax", LAYERNORM)
def _layernorm_jax(data: SimpleNamespace) -> Contender:
    import jax

    def run(x, weight, bias):
        centred = x - x.mean(1, keepdims=True)
        scale = jax.lax.rsqrt((centred * centred).mean(1, keepdims=True) + EPS)
        return centred * scale * weight + bias

    return on_jax(run, *vars(data).values())


@by("jax", RMSNORM)
def _rmsnorm_jax(data: SimpleNamespace) -> Contender:
    import jax

    def run(x, weight):
        return x * jax.lax.rsqrt((x * x).mean(1, keepdims=True) + EPS) * weight

    return on_jax(run, *vars(data).values())
