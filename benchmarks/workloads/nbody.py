"""All pairs of 4096 bodies: arithmetic on values that stay in registers."""

from types import SimpleNamespace

import numpy as np
from harness import Contender, Workload, by
from numpy.typing import NDArray

import tilewright as tw

BODIES = 4096
EPS = 1e-3


@tw.kernel
def nbody_kernel(x, y, z, mass, ax, ay, az, eps, BLOCK: tw.constexpr = 64):
    """Accelerations of `BLOCK` bodies."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    xi, yi, zi = x[i], y[i], z[i]
    fx, fy, fz = tw.zeros(BLOCK), tw.zeros(BLOCK), tw.zeros(BLOCK)
    for j in range(x.shape[0]):
        dx, dy, dz = x[j] - xi, y[j] - yi, z[j] - zi
        near = tw.rsqrt(dx * dx + (dy * dy + (dz * dz + eps)))
        pull = mass[j] * near * (near * near)
        fx += pull * dx
        fy += pull * dy
        fz += pull * dz
    ax[i], ay[i], az[i] = fx, fy, fz


def _make(rng: np.random.Generator) -> SimpleNamespace:
    x, y, z = (rng.standard_normal(BODIES, dtype=np.float32) for _ in range(3))
    return SimpleNamespace(x=x, y=y, z=z, mass=rng.random(BODIES, dtype=np.float32))


def _reference(data: SimpleNamespace) -> NDArray:
    pos = np.stack([data.x, data.y, data.z]).astype(np.float64)
    acc = np.empty_like(pos)
    for start in range(0, BODIES, 256):
        apart = pos[:, None, :] - pos[:, start : start + 256, None]
        weight = data.mass / ((apart**2).sum(0) + EPS) ** 1.5
        acc[:, start : start + 256] = (weight * apart).sum(2)
    return acc


NBODY = Workload("n-body 4096", _make, _reference)
WORKLOADS = (NBODY,)


def _outputs() -> tuple[NDArray, ...]:
    return tuple(np.empty(BODIES, np.float32) for _ in range(3))


@by("tilewright", NBODY)
def _tilewright(data: SimpleNamespace) -> Contender:
    out = _outputs()
    names = {"k": nbody_kernel[BODIES // 64], "data": (*vars(data).values(), *out, EPS)}
    return Contender("k(*data)", names, lambda: np.stack(out))


@by("numba", NBODY)
def _numba(data: SimpleNamespace) -> Contender:
    import numba

    @numba.njit(parallel=True, fastmath=True)
    def run(x, y, z, mass, ax, ay, az, eps):
        for i in numba.prange(x.size):
            xi, yi, zi = x[i], y[i], z[i]
            fx, fy, fz = np.float32(0), np.float32(0), np.float32(0)
            for j in range(x.size):
                dx, dy, dz = x[j] - xi, y[j] - yi, z[j] - zi
                near = np.float32(1) / np.sqrt(dx * dx + dy * dy + dz * dz + eps)
                pull = mass[j] * near * near * near
                fx += pull * dx
                fy += pull * dy
                fz += pull * dz
            ax[i], ay[i], az[i] = fx, fy, fz

    out = _outputs()
    names = {"run": run, "data": (*vars(data).values(), *out, np.float32(EPS))}
    return Contender("run(*data)", names, lambda: np.stack(out))


@by("taichi", NBODY)
def _taichi(data: SimpleNamespace) -> Contender:
    from peers import start_taichi

    ti = start_taichi()
    array = ti.types.ndarray()

    @ti.kernel
    def run(
        x: array, y: array, z: array, mass: array, ax: array, ay: array, az: array, eps: ti.f32
    ):
        for i in range(x.shape[0]):
            xi, yi, zi = x[i], y[i], z[i]
            fx, fy, fz = 0.0, 0.0, 0.0
            for j in range(x.shape[0]):
                dx, dy, dz = x[j] - xi, y[j] - yi, z[j] - zi
                near = ti.rsqrt(dx * dx + dy * dy + dz * dz + eps)
                pull = mass[j] * near * near * near
                fx += pull * dx
                fy += pull * dy
                fz += pull * dz
            ax[i], ay[i], az[i] = fx, fy, fz

    out = _outputs()
    names = {"run": run, "data": (*vars(data).values(), *out, EPS)}
    return Contender("run(*data)", names, lambda: np.stack(out))
