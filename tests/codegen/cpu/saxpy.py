"""One loop: an interior without masks, then an edge."""

import tilewright as tw

SIGNATURE = "f32, f32[::1], f32[::1], f32[::1]; narrow, disjoint"
CONSTANTS = {"BLOCK": 64}


@tw.kernel
def kernel(a, x, y, out, BLOCK: tw.constexpr):
    """`out = a * x + y`."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    out[i] = a * x[i] + y[i]
