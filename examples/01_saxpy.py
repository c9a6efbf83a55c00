"""The smallest kernel: every program computes one block, and the edge takes care of itself."""

import numpy as np

import tilewright as tw


@tw.kernel
def saxpy(a, x, y, out, BLOCK: tw.constexpr = 1024):
    """`out = a * x + y`, `BLOCK` elements a program."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    # Elements past the end read as 0 and are not written: no mask is needed.
    out[i] = a * x[i] + y[i]


rng = np.random.default_rng()
x = rng.standard_normal(1_000_003, dtype=np.float32)
y = rng.standard_normal(1_000_003, dtype=np.float32)
out = np.empty_like(x)

saxpy[lambda p: tw.cdiv(x.size, p.BLOCK)](2.5, x, y, out)

np.testing.assert_allclose(out, np.float32(2.5) * x + y, rtol=1e-5, atol=1e-6)
print(f"saxpy: {x.size} elements, as NumPy has them")
