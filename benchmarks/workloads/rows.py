"""Rows of a table: softmax and layer normalisation."""

import math
from functools import partial
from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload
from numpy.typing import NDArray

import tilewright as tw

EPS = 1e-5


@tw.kernel
def softmax_kernel(x, out, COLS: tw.constexpr):
    """Softmax of one row; `COLS` is the number of columns, whatever it is."""
    row = tw.program_id(0)
    v = x[row, 0:COLS]
    e = tw.exp(v - tw.max(v))
    out[row, 0:COLS] = e / tw.sum(e)


@tw.kernel
def layernorm_kernel(x, weight, bias, out, eps, COLS: tw.constexpr):
    """Layer normalisation of one row."""
    row = tw.program_id(0)
    v = x[row, 0:COLS]
    centred = v - tw.mean(v)
    scale = tw.rsqrt(tw.mean(centred * centred) + eps)
    out[row, 0:COLS] = centred * scale * weight[0:COLS] + bias[0:COLS]


# --- softmax ------------------------------------------------------------------------------------


def _table(shape: tuple[int, int], rng: np.random.Generator) -> SimpleNamespace:
    return SimpleNamespace(x=rng.standard_normal(shape, dtype=np.float32) * 4)


def _softmax_reference(data: SimpleNamespace) -> NDArray:
    e = np.exp(data.x.astype(np.float64) - data.x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def _softmax_tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    rows, cols = out.shape
    names = {"k": softmax_kernel[rows], "x": data.x, "out": out, "cols": cols}
    return Contender("k(x, out, COLS=cols)", names, lambda: out)


def _softmax_numpy(data: SimpleNamespace) -> Contender:
    # In blocks of rows that stay in the cache.
    out = np.empty_like(data.x)

    def run() -> None:
        for start in range(0, len(out), 64):
            part = out[start : start + 64]
            block = data.x[start : start + 64]
            np.subtract(block, block.max(axis=1, keepdims=True), out=part)
            np.exp(part, out=part)
            part /= part.sum(axis=1, keepdims=True)

    return Contender("run()", {"run": run}, lambda: out)


def _softmax_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(x, out):
        rows, cols = x.shape
        for i in numba.prange(rows):
            top = x[i, 0]
            for j in range(cols):
                top = max(top, x[i, j])
            total = np.float32(0)
            for j in range(cols):
                e = math.exp(x[i, j] - top)
                out[i, j] = e
                total += e
            scale = np.float32(1) / total
            for j in range(cols):
                out[i, j] *= scale

    out = np.empty_like(data.x)
    return Contender("run(x, out)", {"run": run, "x": data.x, "out": out}, lambda: out)


def _softmax_torch(data: SimpleNamespace) -> Contender:
    import torch

    out = np.empty_like(data.x)
    x, result = torch.from_numpy(data.x), torch.from_numpy(out)
    names = {"softmax": torch.softmax, "x": x, "out": result}
    return Contender("softmax(x, 1, out=out)", names, lambda: out)


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
    return Contender("run(x, out)", {"run": run, "x": data.x, "out": out}, lambda: out)


# --- layer normalisation ------------------------------------------------------------------------


def _normal_table(rng: np.random.Generator) -> SimpleNamespace:
    x = rng.standard_normal((4096, 1024), dtype=np.float32) * 3 + 1
    weight, bias = (rng.standard_normal(1024, dtype=np.float32) for _ in range(2))
    return SimpleNamespace(x=x, weight=weight, bias=bias)


def _layernorm_reference(data: SimpleNamespace) -> NDArray:
    x = data.x.astype(np.float64)
    x = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + EPS)
    return x * data.weight + data.bias


def _layernorm_tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    rows, cols = out.shape
    names = {"k": layernorm_kernel[rows], "out": out, "eps": EPS, "cols": cols, **vars(data)}
    return Contender("k(x, weight, bias, out, eps, COLS=cols)", names, lambda: out)


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
    names = {"run": run, "out": out, **vars(data)}
    return Contender("run(x, weight, bias, out)", names, lambda: out)


def _layernorm_torch(data: SimpleNamespace) -> Contender:
    import torch

    out = np.empty_like(data.x)
    x, weight, bias, result = map(torch.from_numpy, (data.x, data.weight, data.bias, out))
    mean, scale = torch.empty((len(out), 1)), torch.empty((len(out), 1))
    call = partial(
        torch.ops.aten.native_layer_norm.out, x, [out.shape[1]], weight, bias, EPS,
        out0=result, out1=mean, out2=scale,
    )  # fmt: skip
    return Contender("call()", {"call": call}, lambda: out)


WORKLOADS = (
    *(
        Workload(
            f"softmax {shape[0]}x{shape[1]}", partial(_table, shape), _softmax_reference,
            {
                "tilewright": _softmax_tilewright, "numpy": _softmax_numpy,
                "numba": _softmax_numba, "torch": _softmax_torch, "taichi": _softmax_taichi,
            },
        )
        for shape in ((4096, 1024), (1823, 781))
    ),
    Workload(
        "layernorm 4096x1024", _normal_table, _layernorm_reference,
        {
            "tilewright": _layernorm_tilewright, "numba": _layernorm_numba,
            "torch": _layernorm_torch,
        },
    ),
)  # fmt: skip
