"""Vector math on each element: gelu and swiglu."""

import math
from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload, by, call, erf
from numpy.typing import NDArray
from peers import numba_math, on_jax, on_torch, on_torch_compile

import tilewright as tw

SQRT_HALF = math.sqrt(0.5)
GELU_SCALE = math.sqrt(2 / math.pi)


@tw.kernel
def gelu_erf_kernel(x, out, BLOCK: tw.constexpr = 4096):
    """Gaussian error linear unit, exact form."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    v = x[i]
    out[i] = 0.5 * v * (1.0 + tw.erf(v * SQRT_HALF))


@tw.kernel
def gelu_tanh_kernel(x, out, BLOCK: tw.constexpr = 4096):
    """Gaussian error linear unit, with tanh: `(1 + tanh(u)) / 2` is the sigmoid of `2 * u`."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    v = x[i]
    out[i] = v * tw.sigmoid(2.0 * GELU_SCALE * (v + 0.044715 * v * v * v))


@tw.kernel
def swiglu_kernel(gate, up, out, BLOCK: tw.constexpr = 4096):
    """`silu(gate) * up`."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    g = gate[i]
    out[i] = g / (1.0 + tw.exp(-g)) * up[i]


# --- gelu ---------------------------------------------------------------------------------------


def _vector(rng: np.random.Generator) -> SimpleNamespace:
    return SimpleNamespace(x=rng.standard_normal(2**22, dtype=np.float32))


def _erf_reference(data: SimpleNamespace) -> NDArray:
    x = data.x.astype(np.float64)
    return 0.5 * x * (1 + erf(x * SQRT_HALF))


def _tanh_reference(data: SimpleNamespace) -> NDArray:
    x = data.x.astype(np.float64)
    return 0.5 * x * (1 + np.tanh(GELU_SCALE * (x + 0.044715 * x**3)))


ERF = Workload("gelu erf 2^22", _vector, _erf_reference)
TANH = Workload("gelu tanh 2^22", _vector, _tanh_reference)


@by("tilewright", ERF)
def _erf_tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    return call(gelu_erf_kernel[tw.cdiv(out.size, 4096)], data.x, out, result=out)


@by("tilewright", TANH)
def _tanh_tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    return call(gelu_tanh_kernel[tw.cdiv(out.size, 4096)], data.x, out, result=out)


@by("numba", ERF)
def _erf_numba(data: SimpleNamespace) -> Contender:
    import numba

    fast_erf = numba_math().erf

    @numba.njit(parallel=True, fastmath=True)
    def run(x, out):
        half, root = np.float32(0.5), np.float32(SQRT_HALF)
        for i in numba.prange(x.size):
            out[i] = half * x[i] * (np.float32(1) + fast_erf(x[i] * root))

    out = np.empty_like(data.x)
    return call(run, data.x, out, result=out)


@by("numba", TANH)
def _tanh_numba(data: SimpleNamespace) -> Contender:
    import numba

    exp = numba_math().exp

    @numba.njit(parallel=True, fastmath=True)
    def run(x, out):
        one, scale, cube = np.float32(1), np.float32(-2 * GELU_SCALE), np.float32(0.044715)
        for i in numba.prange(x.size):  # 0.5 * (1 + tanh(u)) is 1 / (1 + exp(-2 * u))
            v = x[i]
            out[i] = v / (one + exp(scale * (v + cube * v * v * v)))

    out = np.empty_like(data.x)
    return call(run, data.x, out, result=out)


@by("torch", ERF)
def _erf_torch(data: SimpleNamespace) -> Contender:
    import torch

    gelu = torch.ops.aten.gelu.out
    return on_torch(lambda x, out: gelu(x, out=out), data.x, result=np.empty_like(data.x))


@by("torch", TANH)
def _tanh_torch(data: SimpleNamespace) -> Contender:
    import torch

    gelu = torch.ops.aten.gelu.out
    return on_torch(
        lambda x, out: gelu(x, approximate="tanh", out=out), data.x, result=np.empty_like(data.x)
    )


@by("torch.compile", ERF)
def _erf_torch_compile(data: SimpleNamespace) -> Contender:
    from torch.nn.functional import gelu

    return on_torch_compile(lambda x, out: out.copy_(gelu(x)), data.x, result=np.empty_like(data.x))


@by("torch.compile", TANH)
def _tanh_torch_compile(data: SimpleNamespace) -> Contender:
    from torch.nn.functional import gelu

    return on_torch_compile(
        lambda x, out: out.copy_(gelu(x, approximate="tanh")),
        data.x, result=np.empty_like(data.x),
    )  # fmt: skip


@by("jax", ERF)
def _erf_jax(data: SimpleNamespace) -> Contender:
    import jax

    return on_jax(lambda x: jax.nn.gelu(x, approximate=False), data.x)


@by("jax", TANH)
def _tanh_jax(data: SimpleNamespace) -> Contender:
    import jax

    return on_jax(lambda x: jax.nn.gelu(x, approximate=True), data.x)


# --- swiglu -------------------------------------------------------------------------------------


def _gate_and_up(rng: np.random.Generator) -> SimpleNamespace:
    gate, up = (rng.standard_normal((1024, 4096), dtype=np.float32) for _ in range(2))
    return SimpleNamespace(gate=gate, up=up)


def _swiglu_reference(data: SimpleNamespace) -> NDArray:
    gate = data.gate.astype(np.float64)
    return gate / (1 + np.exp(-gate)) * data.up


SWIGLU = Workload("swiglu 1024x4096", _gate_and_up, _swiglu_reference)


@by("tilewright", SWIGLU)
def _swiglu_tilewright(data: SimpleNamespace) -> Contender:
    gate, up = data.gate.ravel(), data.up.ravel()
    out = np.empty_like(gate)
    kernel = swiglu_kernel[tw.cdiv(out.size, 4096)]
    return call(kernel, gate, up, out, result=out.reshape(data.up.shape))


@by("numba", SWIGLU)
def _swiglu_numba(data: SimpleNamespace) -> Contender:
    import numba

    exp = numba_math().exp

    @numba.njit(parallel=True, fastmath=True)
    def run(gate, up, out):
        for i in numba.prange(gate.shape[0]):
            for j in range(gate.shape[1]):
                g = gate[i, j]
                out[i, j] = g / (np.float32(1) + exp(-g)) * up[i, j]

    out = np.empty_like(data.up)
    return call(run, data.gate, data.up, out, result=out)


@by("torch", SWIGLU)
def _swiglu_torch(data: SimpleNamespace) -> Contender:
    import torch

    silu = torch.ops.aten.silu.out
    return on_torch(
        lambda gate, up, out: silu(gate, out=out).mul_(up),
        data.gate, data.up, result=np.empty_like(data.up),
    )  # fmt: skip


@by("torch.compile", SWIGLU)
def _swiglu_torch_compile(data: SimpleNamespace) -> Contender:
    from torch.nn.functional import silu

    return on_torch_compile(
        lambda gate, up, out: out.copy_(silu(gate) * up),
        data.gate, data.up, result=np.empty_like(data.up),
    )  # fmt: skip


@by("jax", SWIGLU)
def _swiglu_jax(data: SimpleNamespace) -> Contender:
    import jax

    return on_jax(lambda gate, up: jax.nn.silu(gate) * up, data.gate, data.up)


WORKLOADS = (TANH, ERF, SWIGLU)
