"""How the peers are called: started once, compiled, and given the arrays of a workload."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from harness import Contender, call
from numpy.typing import NDArray


@cache
def start_taichi() -> ModuleType:
    """Taichi on the CPU; raises `ImportError` where it is not installed."""
    import taichi

    taichi.init(arch=taichi.cpu, fast_math=True, offline_cache=False, log_level=taichi.ERROR)
    return taichi


@cache
def start_warp() -> ModuleType:
    """Warp, quietly; raises `ImportError` where it is not installed."""
    import warp

    warp.config.quiet = True
    warp.init()
    return warp


def on_jax(function: Callable[..., Any], *arguments: object) -> Contender:
    """A function compiled by JAX, whose arrays are on its device before the clock starts."""
    import jax

    run = jax.jit(function)
    names = {"wait": jax.block_until_ready, "run": run, "x": jax.device_put(arguments)}
    return Contender("wait(run(*x))", names, lambda: np.asarray(run(*names["x"])))


def on_torch(function: Callable[..., Any], *arrays: NDArray, result: NDArray) -> Contender:
    """A function of tensors, the last of which shares the memory of the result."""
    import torch

    return call(function, *map(torch.from_numpy, (*arrays, result)), result=result)


def on_torch_compile(function: Callable[..., Any], *arrays: NDArray, result: NDArray) -> Contender:
    """The same, compiled; `out.copy_(...)` in the function becomes the store of its last loop."""
    import torch

    return on_torch(torch.compile(function, fullgraph=True), *arrays, result=result)


@cache
def numba_math() -> SimpleNamespace:
    """Functions for Numba that LLVM makes vectors of; its own call the C library for each element.

    `exp` is good to some 2 ulp, `log` too, and `erf` (Abramowitz and Stegun 7.1.26) to 1.5e-7.
    """
    import numba

    f32 = np.float32

    @numba.njit(fastmath=True, inline="always")
    def exp(x):
        x = min(max(x, f32(-87)), f32(88))
        n = np.floor(x * f32(1.4426950408889634) + f32(0.5))
        r = x - n * f32(0.693359375) + n * f32(2.12194440e-4)
        p = f32(1.9875691500e-4)
        p = p * r + f32(1.3981999507e-3)
        p = p * r + f32(8.3334519073e-3)
        p = p * r + f32(4.1665795894e-2)
        p = p * r + f32(1.6666665459e-1)
        p = p * r + f32(5.0000001201e-1)
        power = np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)
        return (p * r * r + r + f32(1)) * power

    @numba.njit(fastmath=True, inline="always")
    def log(x):
        bits = f32(x).view(np.int32)
        e = np.int32((bits - np.int32(0x3F3504F3)) >> np.int32(23))
        r = np.int32(bits - np.int32(e << np.int32(23))).view(np.float32) - f32(1)
        p = f32(7.0376836292e-2)
        p = p * r - f32(1.1514610310e-1)
        p = p * r + f32(1.1676998740e-1)
        p = p * r - f32(1.2420140846e-1)
        p = p * r + f32(1.4249322787e-1)
        p = p * r - f32(1.6668057665e-1)
        p = p * r + f32(2.0000714765e-1)
        p = p * r - f32(2.4999993993e-1)
        p = p * r + f32(3.3333331174e-1)
        return f32(e) * f32(0.6931471805599453) + (r - f32(0.5) * r * r + p * r * r * r)

    @numba.njit(fastmath=True, inline="always")
    def erf(x):
        t = f32(1) / (f32(1) + f32(0.3275911) * abs(x))
        p = f32(1.061405429) * t - f32(1.453152027)
        p = p * t + f32(1.421413741)
        p = p * t - f32(0.284496736)
        p = p * t + f32(0.254829592)
        y = f32(1) - p * t * exp(-x * x)
        return -y if x < 0 else y

    return SimpleNamespace(exp=exp, log=log, erf=erf)
