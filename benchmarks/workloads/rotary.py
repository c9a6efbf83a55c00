"""Rotary positions of a transformer: pairs of numbers turned by an angle of their position."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload, by, call
from numpy.typing import NDArray
from peers import on_jax, on_torch, on_torch_compile

import tilewright as tw

POSITIONS, HEADS, DIM = 1024, 16, 128
HALF = DIM // 2


@tw.kernel
def rope_kernel(x, cos, sin, out, HEADS: tw.constexpr, HALF: tw.constexpr):
    """Rotary positions: the halves of each head, turned by the angles of the position."""
    p = tw.program_id(0)
    a, b = x[p, 0:HEADS, 0:HALF], x[p, 0:HEADS, HALF : 2 * HALF]
    c, s = cos[p, 0:HALF], sin[p, 0:HALF]
    out[p, 0:HEADS, 0:HALF] = a * c - b * s
    out[p, 0:HEADS, HALF : 2 * HALF] = b * c + a * s


def _make(rng: np.random.Generator) -> SimpleNamespace:
    x = rng.standard_normal((POSITIONS, HEADS, DIM), dtype=np.float32)
    angles = np.arange(POSITIONS)[:, None] * 10000.0 ** (-np.arange(HALF) / HALF)
    return SimpleNamespace(
        x=x, cos=np.cos(angles).astype(np.float32), sin=np.sin(angles).astype(np.float32)
    )


def _reference(data: SimpleNamespace) -> NDArray:
    x, c, s = (v.astype(np.float64) for v in (data.x, data.cos[:, None], data.sin[:, None]))
    a, b = x[..., :HALF], x[..., HALF:]
    return np.concatenate([a * c - b * s, b * c + a * s], axis=2)


ROPE = Workload(f"rope {POSITIONS}x{HEADS}x{DIM}", _make, _reference)
WORKLOADS = (ROPE,)


@by("tilewright", ROPE)
def _tilewright(data: SimpleNamespace) -> Contender:
    out = np.empty_like(data.x)
    kernel = rope_kernel[POSITIONS]
    return call(kernel, *vars(data).values(), out, HEADS=HEADS, HALF=HALF, result=out)


@by("numba", ROPE)
def _numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(x, cos, sin, out):
        for p in numba.prange(x.shape[0]):
            for h in range(HEADS):
                for j in range(HALF):
                    a, b, c, s = x[p, h, j], x[p, h, j + HALF], cos[p, j], sin[p, j]
                    out[p, h, j] = a * c - b * s
                    out[p, h, j + HALF] = b * c + a * s

    out = np.empty_like(data.x)
    return call(run, *vars(data).values(), out, result=out)


@by("torch", ROPE)
def _torch(data: SimpleNamespace) -> Contender:
    return _on_torch(on_torch, data)


@by("torch.compile", ROPE)
def _torch_compile(data: SimpleNamespace) -> Contender:
    return _on_torch(on_torch_compile, data)


def _on_torch(way: Callable[..., Contender], data: SimpleNamespace) -> Contender:
    def run(x, cos, sin, out):
        a, b, c, s = x[..., :HALF], x[..., HALF:], cos[:, None], sin[:, None]
        out[..., :HALF] = a * c - b * s
        out[..., HALF:] = b * c + a * s

    return way(run, *vars(data).values(), result=np.empty_like(data.x))


@by("jax", ROPE)
def _jax(data: SimpleNamespace) -> Contender:
    import jax.numpy as jnp

    def run(x, cos, sin):
        a, b, c, s = x[..., :HALF], x[..., HALF:], cos[:, None], sin[:, None]
        return jnp.concatenate([a * c - b * s, b * c + a * s], axis=2)

    return on_jax(run, *vars(data).values())
