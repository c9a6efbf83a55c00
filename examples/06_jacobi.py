"""A stencil: shifted slices of one array; what lies outside reads as 0, which is the boundary."""

import numpy as np

import tilewright as tw


@tw.kernel
def jacobi(u, f, out, h2, BM: tw.constexpr = 16, BN: tw.constexpr = 128):
    """One round of Jacobi's method for -∆u = f with u = 0 outside the array."""
    i, j = tw.program_id(1) * BM, tw.program_id(0) * BN
    north, south = u[i - 1 : i - 1 + BM, j : j + BN], u[i + 1 : i + 1 + BM, j : j + BN]
    west, east = u[i : i + BM, j - 1 : j - 1 + BN], u[i : i + BM, j + 1 : j + 1 + BN]
    source = h2 * f[i : i + BM, j : j + BN]
    out[i : i + BM, j : j + BN] = 0.25 * (north + south + west + east + source)


rows, cols = 157, 301
f = np.random.default_rng().standard_normal((rows, cols), dtype=np.float32)
u, v = np.zeros_like(f), np.zeros_like(f)
exact = np.zeros((rows + 2, cols + 2))
for _ in range(20):
    jacobi[tw.cdiv(cols, 128), tw.cdiv(rows, 16)](u, f, v, 0.5)
    u, v = v, u
    neighbours = exact[:-2, 1:-1] + exact[2:, 1:-1] + exact[1:-1, :-2] + exact[1:-1, 2:]
    exact[1:-1, 1:-1] = 0.25 * (neighbours + 0.5 * f)

error = np.abs(u - exact[1:-1, 1:-1]).max()
assert error < 1e-5
print(f"jacobi: 20 rounds on {rows} x {cols}, largest error {error:.1e}")
