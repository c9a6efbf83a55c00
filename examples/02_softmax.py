"""Reductions: a row is one tile, and `fill` says what an element outside the array counts as."""

import numpy as np

import tilewright as tw


@tw.kernel
def softmax(x, out, BLOCK: tw.constexpr):
    """Softmax of each row of `x`; `BLOCK` is at least the number of columns."""
    row = tw.program_id(0)
    col = tw.arange(BLOCK)
    v = tw.load(x, (row, col), fill=-float("inf"))
    e = tw.exp(v - tw.max(v))
    out[row, col] = e / tw.sum(e)


x = np.random.default_rng().standard_normal((523, 1000), dtype=np.float32) * 8
out = np.empty_like(x)

softmax[x.shape[0]](x, out, BLOCK=1024)

exact = np.exp(x.astype(np.float64) - x.max(axis=1, keepdims=True))
exact /= exact.sum(axis=1, keepdims=True)
error = np.abs(out - exact).max()
assert error < 1e-6
print(f"softmax: {x.shape[0]} rows of {x.shape[1]}, largest error {error:.1e}")
