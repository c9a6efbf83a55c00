"""Reductions along one axis: a program normalises several rows at once."""

import numpy as np

import tilewright as tw


@tw.kernel
def layernorm(x, weight, bias, out, eps, ROWS: tw.constexpr, COLS: tw.constexpr):
    """Layer normalisation of `ROWS` rows a program; `COLS` is exactly the number of columns."""
    row = tw.program_id(0) * ROWS
    v = x[row : row + ROWS, 0:COLS]
    centred = v - tw.mean(v, axis=1, keepdims=True)
    variance = tw.mean(centred * centred, axis=1, keepdims=True)
    # (ROWS, COLS) with (ROWS, 1) and (COLS,): tiles broadcast as NumPy arrays do.
    out[row : row + ROWS, 0:COLS] = (
        centred * tw.rsqrt(variance + eps) * weight[0:COLS] + bias[0:COLS]
    )


rng = np.random.default_rng()
x = rng.standard_normal((301, 768), dtype=np.float32) * 3 + 1
weight = rng.standard_normal(768, dtype=np.float32)
bias = rng.standard_normal(768, dtype=np.float32)
out = np.empty_like(x)

layernorm[tw.cdiv(x.shape[0], 4)](x, weight, bias, out, 1e-5, ROWS=4, COLS=768)

exact = x.astype(np.float64)
exact = (exact - exact.mean(1, keepdims=True)) / np.sqrt(exact.var(1, keepdims=True) + 1e-5)
error = np.abs(out - (exact * weight + bias)).max()
assert error < 2e-5
print(f"layernorm: {x.shape[0]} rows of {x.shape[1]}, largest error {error:.1e}")
