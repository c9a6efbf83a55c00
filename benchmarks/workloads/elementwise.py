"""Streams through memory and vector math: saxpy, gelu with erf, sum."""

import math
from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload
from numpy.typing import NDArray

import tilewright as tw

SQRT_HALF = math.sqrt(0.5)


@tw.kernel
def saxpy_kernel(a, x, y, out, BLOCK: tw.constexpr = 8192):
    """`out = a * x + y`."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = a * x[i] + y[i]


@tw.kernel
def saxpy_in_place_kernel(a, x, y, BLOCK: tw.constexpr = 8192):
    """`y = a * x + y`."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    y[i] = a * x[i] + y[i]


@tw.kernel
def gelu_kernel(x, out, BLOCK: tw.constexpr = 4096):
    """Gaussian error linear unit, exact form."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    v = x[i]
    out[i] = 0.5 * v * (1.0 + tw.erf(v * SQRT_HALF))


@tw.kernel
def sum_kernel(x, out, BLOCK: tw.constexpr):
    """The sum of each block."""
    p = tw.program_id(0)
    out[p] = tw.sum(x[p * BLOCK : (p + 1) * BLOCK])


# --- saxpy --------------------------------------------------------------------------------------


def _two_vectors(rng: np.random.Generator) -> SimpleNamespace:
    x, y = (rng.standard_normal(2**24, dtype=np.float32) for _ in range(2))
    return SimpleNamespace(a=np.float32(rng.standard_normal()), x=x, y=y)


def _saxpy_reference(data: SimpleNamespace) -> NDArray:
    return float(data.a) * data.x.astype(np.float64) + data.y


def _saxpy_tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    names = {"k": saxpy_kernel[tw.cdiv(out.size, 8192)], "out": out, **vars(data)}
    return Contender("k(a, x, y, out)", names, lambda: out)


def _saxpy_numpy(data: SimpleNamespace) -> Contender:
    # In blocks that stay in the cache, as one writes it for speed.
    out = np.empty_like(data.x)

    def run() -> None:
        for start in range(0, out.size, 32768):
            part = slice(start, start + 32768)
            np.multiply(data.x[part], data.a, out=out[part])
            out[part] += data.y[part]

    return Contender("run()", {"run": run}, lambda: out)


def _saxpy_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(a, x, y, out):
        for i in numba.prange(x.size):
            out[i] = a * x[i] + y[i]

    out = np.empty_like(data.x)
    return Contender("run(a, x, y, out)", {"run": run, "out": out, **vars(data)}, lambda: out)


def _saxpy_torch(data: SimpleNamespace) -> Contender:
    import torch

    out = np.empty_like(data.x)
    x, y, result = map(torch.from_numpy, (data.x, data.y, out))
    names = {"add": torch.add, "x": x, "y": y, "out": result, "a": float(data.a)}
    return Contender("add(y, x, alpha=a, out=out)", names, lambda: out)


def _saxpy_taichi(data: SimpleNamespace) -> Contender:
    from peers import start_taichi

    ti = start_taichi()

    @ti.kernel
    def run(a: ti.f32, x: ti.types.ndarray(), y: ti.types.ndarray(), out: ti.types.ndarray()):
        for i in range(x.shape[0]):
            out[i] = a * x[i] + y[i]

    out = np.empty_like(data.x)
    return Contender("run(a, x, y, out)", {"run": run, "out": out, **vars(data)}, lambda: out)


def _saxpy_warp(data: SimpleNamespace) -> Contender:
    from peers import start_warp

    wp = start_warp()

    @wp.kernel
    def run(
        a: wp.float32, x: wp.array(dtype=wp.float32), y: wp.array(dtype=wp.float32),
        out: wp.array(dtype=wp.float32),
    ):  # fmt: skip
        i = wp.tid()
        out[i] = a * x[i] + y[i]

    out = np.empty_like(data.x)
    arrays = [wp.from_numpy(value) for value in (data.x, data.y)]
    result = wp.from_numpy(out)
    names = {"launch": wp.launch, "run": run, "n": out.size, "x": [data.a, *arrays, result]}
    return Contender("launch(run, dim=n, inputs=x)", names, result.numpy)


# --- saxpy in place, which grows slowly from run to run; only the first result is checked -----


def _in_place_tilewright(data: SimpleNamespace) -> Contender:
    y = data.y.copy()
    names = {"k": saxpy_in_place_kernel[tw.cdiv(y.size, 8192)], "a": data.a, "x": data.x, "y": y}
    return Contender("k(a, x, y)", names, lambda: y)


def _in_place_blas(data: SimpleNamespace) -> Contender:
    from scipy.linalg.blas import saxpy

    y = data.y.copy()
    names = {"saxpy": saxpy, "a": data.a, "x": data.x, "y": y}
    return Contender("saxpy(x, y, a=a)", names, lambda: y)


def _in_place_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(a, x, y):
        for i in numba.prange(x.size):
            y[i] = a * x[i] + y[i]

    y = data.y.copy()
    return Contender("run(a, x, y)", {"run": run, "a": data.a, "x": data.x, "y": y}, lambda: y)


def _in_place_torch(data: SimpleNamespace) -> Contender:
    import torch

    y = data.y.copy()
    x, result = torch.from_numpy(data.x), torch.from_numpy(y)
    names = {"add": result.add_, "x": x, "a": float(data.a)}
    return Contender("add(x, alpha=a)", names, lambda: y)


# --- gelu ---------------------------------------------------------------------------------------


def _one_vector(rng: np.random.Generator) -> SimpleNamespace:
    return SimpleNamespace(x=rng.standard_normal(2**22, dtype=np.float32))


def _gelu_reference(data: SimpleNamespace) -> NDArray:
    x = data.x.astype(np.float64)
    return 0.5 * x * (1 + np.fromiter(map(math.erf, x * SQRT_HALF), np.float64, x.size))


def _gelu_tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    names = {"k": gelu_kernel[tw.cdiv(out.size, 4096)], "out": out, "x": data.x}
    return Contender("k(x, out)", names, lambda: out)


def _gelu_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(x, out):
        half, root = np.float32(0.5), np.float32(SQRT_HALF)
        for i in numba.prange(x.size):
            out[i] = half * x[i] * (np.float32(1) + math.erf(x[i] * root))

    out = np.empty_like(data.x)
    return Contender("run(x, out)", {"run": run, "x": data.x, "out": out}, lambda: out)


def _gelu_torch(data: SimpleNamespace) -> Contender:
    import torch

    out = np.empty_like(data.x)
    x, result = torch.from_numpy(data.x), torch.from_numpy(out)
    names = {"gelu": torch.ops.aten.gelu.out, "x": x, "out": result}
    return Contender("gelu(x, out=out)", names, lambda: out)


def _gelu_taichi(data: SimpleNamespace) -> Contender:
    from peers import start_taichi

    ti = start_taichi()

    @ti.func
    def erf(x):
        # Abramowitz and Stegun 7.1.26: Taichi has no erf; good to 1.5e-7.
        t = 1.0 / (1.0 + 0.3275911 * ti.abs(x))
        tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (
            -1.453152027 + t * 1.061405429))))  # fmt: skip
        return ti.select(x < 0, -1.0, 1.0) * (1.0 - tail * ti.exp(-x * x))

    @ti.kernel
    def run(x: ti.types.ndarray(), out: ti.types.ndarray()):
        for i in range(x.shape[0]):
            out[i] = 0.5 * x[i] * (1.0 + erf(x[i] * SQRT_HALF))

    out = np.empty_like(data.x)
    return Contender("run(x, out)", {"run": run, "x": data.x, "out": out}, lambda: out)


def _gelu_warp(data: SimpleNamespace) -> Contender:
    from peers import start_warp

    wp = start_warp()

    @wp.kernel
    def run(x: wp.array(dtype=wp.float32), out: wp.array(dtype=wp.float32)):
        i = wp.tid()
        out[i] = 0.5 * x[i] * (1.0 + wp.erf(x[i] * 0.70710678))

    x, out = wp.from_numpy(data.x), wp.from_numpy(np.empty_like(data.x))
    names = {"launch": wp.launch, "run": run, "n": data.x.size, "x": [x, out]}
    return Contender("launch(run, dim=n, inputs=x)", names, out.numpy)


# --- sum ----------------------------------------------------------------------------------------


def _long_vector(rng: np.random.Generator) -> SimpleNamespace:
    return SimpleNamespace(x=rng.random(2**24, dtype=np.float32))


def _sum_tilewright(data: SimpleNamespace) -> Contender:
    # A program a block of 256 KiB, then one program for the partial sums.
    blocks = data.x.size // 65536
    parts, out = np.empty(blocks, np.float32), np.empty(1, np.float32)

    def run(first=sum_kernel[blocks], second=sum_kernel[1]) -> None:
        first(data.x, parts, BLOCK=65536)
        second(parts, out, BLOCK=blocks)

    return Contender("run()", {"run": run}, lambda: out)


def _sum_numpy(data: SimpleNamespace) -> Contender:
    out = np.empty((), np.float32)
    return Contender("sum(out=out)", {"sum": data.x.sum, "out": out}, lambda: out)


def _sum_numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(x):
        total = np.float32(0)
        for i in numba.prange(x.size):
            total += x[i]
        return total

    return Contender("run(x)", {"run": run, "x": data.x}, lambda: np.array(run(data.x)))


def _sum_torch(data: SimpleNamespace) -> Contender:
    import torch

    x = torch.from_numpy(data.x)
    return Contender("sum(x)", {"sum": torch.sum, "x": x}, lambda: x.sum().numpy())


WORKLOADS = (
    Workload(
        "saxpy 2^24, in place", _two_vectors, _saxpy_reference,
        {
            "tilewright": _in_place_tilewright, "scipy-blas": _in_place_blas,
            "numba": _in_place_numba, "torch": _in_place_torch,
        },
    ),
    Workload(
        "saxpy 2^24", _two_vectors, _saxpy_reference,
        {
            "tilewright": _saxpy_tilewright, "numpy": _saxpy_numpy, "numba": _saxpy_numba,
            "torch": _saxpy_torch, "taichi": _saxpy_taichi, "warp": _saxpy_warp,
        },
    ),
    Workload(
        "gelu erf 2^22", _one_vector, _gelu_reference,
        {
            "tilewright": _gelu_tilewright, "numba": _gelu_numba, "torch": _gelu_torch,
            "taichi": _gelu_taichi, "warp": _gelu_warp,
        },
    ),
    Workload(
        "sum 2^24", _long_vector, lambda data: np.array(data.x.sum(dtype=np.float64)),
        {
            "tilewright": _sum_tilewright, "numpy": _sum_numpy, "numba": _sum_numba,
            "torch": _sum_torch,
        },
    ),
)  # fmt: skip
