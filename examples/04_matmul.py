"""A matrix product: slices are blocks, `@` multiplies them, the grid has two axes."""

import numpy as np

import tilewright as tw


@tw.kernel
def matmul(
    a, b, c, BM: tw.constexpr = 128, BN: tw.constexpr = 128, BK: tw.constexpr = 64
):  # fmt: skip
    """`c = a @ b`, a block of (BM, BN) a program."""
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, a.shape[1], BK):
        acc += a[m : m + BM, k : k + BK] @ b[k : k + BK, n : n + BN]
    c[m : m + BM, n : n + BN] = acc


rng = np.random.default_rng()
a = rng.standard_normal((500, 389), dtype=np.float32)
b = rng.standard_normal((389, 271), dtype=np.float32)
c = np.empty((500, 271), np.float32)

# The grid may depend on the kernel's constants.
matmul[lambda p: (tw.cdiv(500, p.BM), tw.cdiv(271, p.BN))](a, b, c)

exact = a.astype(np.float64) @ b
error = np.abs(c - exact).max() / np.abs(exact).max()
assert error < 1e-5  # of sums of 389 products
print(f"matmul: {a.shape} @ {b.shape}, largest error {error:.1e} of the largest element")
