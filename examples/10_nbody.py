"""Scalars against tiles: one loop over all bodies, each acting on a block of them at once."""

import numpy as np

import tilewright as tw


@tw.kernel
def accelerations(pos, mass, acc, eps, BLOCK: tw.constexpr = 64):
    """Gravity on `BLOCK` bodies a program; `pos` and `acc` are (3, n)."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    x, y, z = pos[0, i], pos[1, i], pos[2, i]
    ax, ay, az = tw.zeros(BLOCK), tw.zeros(BLOCK), tw.zeros(BLOCK)
    for j in range(pos.shape[1]):
        dx, dy, dz = pos[0, j] - x, pos[1, j] - y, pos[2, j] - z
        near = tw.rsqrt(dx * dx + dy * dy + dz * dz + eps)
        pull = mass[j] * near * near * near
        ax += pull * dx
        ay += pull * dy
        az += pull * dz
    acc[0, i], acc[1, i], acc[2, i] = ax, ay, az


rng = np.random.default_rng()
n, eps = 1003, 1e-2
pos = rng.standard_normal((3, n), dtype=np.float32)
mass = rng.uniform(0.5, 1.5, n).astype(np.float32)
acc = np.empty_like(pos)

accelerations[tw.cdiv(n, 64)](pos, mass, acc, eps)

apart = pos[:, None, :].astype(np.float64) - pos[:, :, None]
exact = (mass * apart / ((apart**2).sum(0) + eps) ** 1.5).sum(2)
error = np.abs(acc - exact).max() / np.abs(exact).max()
assert error < 1e-5
print(f"n-body: {n} bodies, largest error {error:.1e} of the largest acceleration")
