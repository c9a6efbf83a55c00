"""Prices of options after Black and Scholes: logarithms, exponentials and erf of each."""

import math
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload, by, call, erf
from numpy.typing import NDArray
from peers import numba_math, on_jax, on_torch, on_torch_compile

import tilewright as tw

COUNT = 2**21
RATE, SIGMA = np.float32(0.03), np.float32(0.25)
SQRT_HALF = math.sqrt(0.5)


@tw.func
def normal_cdf(x):
    """The distribution function of the standard normal distribution."""
    return 0.5 + 0.5 * tw.erf(x * SQRT_HALF)


@tw.kernel
def black_scholes_kernel(spot, strike, years, call, put, rate, sigma, BLOCK: tw.constexpr = 4096):
    """Prices of a call and a put after Black and Scholes."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    s, k, t = spot[i], strike[i], years[i]
    spread = sigma * tw.sqrt(t)
    d1 = (tw.log(s / k) + (rate + 0.5 * sigma * sigma) * t) / spread
    due = k * tw.exp(-rate * t)
    value = s * normal_cdf(d1) - due * normal_cdf(d1 - spread)
    call[i] = value
    put[i] = value - s + due


def _make(rng: np.random.Generator) -> SimpleNamespace:
    ranges = {"spot": (20, 60), "strike": (20, 60), "years": (0.1, 3)}
    return SimpleNamespace(
        **{name: rng.uniform(*low_high, COUNT).astype(np.float32)
           for name, low_high in ranges.items()}
    )  # fmt: skip


def _reference(data: SimpleNamespace) -> NDArray:
    s, k, t = (values.astype(np.float64) for values in vars(data).values())
    rate, sigma = float(RATE), float(SIGMA)
    d1 = (np.log(s / k) + (rate + sigma * sigma / 2) * t) / (sigma * np.sqrt(t))
    cdf = [0.5 + 0.5 * erf(d * SQRT_HALF) for d in (d1, d1 - sigma * np.sqrt(t))]
    due = k * np.exp(-rate * t)
    value = s * cdf[0] - due * cdf[1]
    return np.stack([value, value - s + due])


BLACK_SCHOLES = Workload("Black-Scholes 2^21", _make, _reference)
WORKLOADS = (BLACK_SCHOLES,)


@by("tilewright", BLACK_SCHOLES)
def _tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty((2, COUNT), np.float32)
    kernel = black_scholes_kernel[tw.cdiv(COUNT, 4096)]
    return call(kernel, *vars(data).values(), *out, RATE, SIGMA, result=out)


@by("numba", BLACK_SCHOLES)
def _numba(data: SimpleNamespace) -> Contender:
    import numba

    functions = numba_math()
    exp, log, erf = functions.exp, functions.log, functions.erf

    @numba.njit(parallel=True, fastmath=True)
    def run(spot, strike, years, out, rate, sigma):
        half, root = np.float32(0.5), np.float32(SQRT_HALF)
        for i in numba.prange(spot.size):
            s, k, t = spot[i], strike[i], years[i]
            spread = sigma * np.sqrt(t)
            d1 = (log(s / k) + (rate + half * sigma * sigma) * t) / spread
            due = k * exp(-rate * t)
            value = s * (half + half * erf(d1 * root)) - due * (
                half + half * erf((d1 - spread) * root))  # fmt: skip
            out[0, i] = value
            out[1, i] = value - s + due

    out = np.empty((2, COUNT), np.float32)
    return call(run, *vars(data).values(), out, RATE, SIGMA, result=out)


@by("torch", BLACK_SCHOLES)
def _torch(data: SimpleNamespace) -> Contender:
    return _on_torch(on_torch, data)


@by("torch.compile", BLACK_SCHOLES)
def _torch_compile(data: SimpleNamespace) -> Contender:
    return _on_torch(on_torch_compile, data)


def _on_torch(way: Callable[..., Contender], data: SimpleNamespace) -> Contender:
    import torch

    rate, sigma = float(RATE), float(SIGMA)

    def run(s, k, t, out):
        spread = sigma * torch.sqrt(t)
        d1 = (torch.log(s / k) + (rate + sigma * sigma / 2) * t) / spread
        due = k * torch.exp(-rate * t)
        value = s * (0.5 + 0.5 * torch.erf(d1 * SQRT_HALF)) - due * (
            0.5 + 0.5 * torch.erf((d1 - spread) * SQRT_HALF))  # fmt: skip
        out[0].copy_(value)
        out[1].copy_(value - s + due)

    return way(run, *vars(data).values(), result=np.empty((2, COUNT), np.float32))


@by("jax", BLACK_SCHOLES)
def _jax(data: SimpleNamespace) -> Contender:
    import jax
    import jax.numpy as jnp

    rate, sigma = float(RATE), float(SIGMA)

    def run(s, k, t):
        spread = sigma * jnp.sqrt(t)
        d1 = (jnp.log(s / k) + (rate + sigma * sigma / 2) * t) / spread
        due = k * jnp.exp(-rate * t)
        erf = jax.lax.erf
        value = s * (0.5 + 0.5 * erf(d1 * SQRT_HALF)) - due * (
            0.5 + 0.5 * erf((d1 - spread) * SQRT_HALF))  # fmt: skip
        return value, value - s + due

    return on_jax(run, *vars(data).values())
