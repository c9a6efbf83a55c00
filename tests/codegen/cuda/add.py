"""Two arrays added: vectors of four, loaded and stored at once but at the end of the arrays."""

import tilewright as tw

SIGNATURE = (
    "f32[::1]{aligned, even}, f32[::1]{aligned, even}, f32[::1]{aligned, even}; narrow, disjoint"
)
CONSTANTS = {"BLOCK": 1024}


@tw.kernel
def kernel(a, b, out, BLOCK: tw.constexpr):
    """The sum of two arrays."""
    i = tw.block(tw.program_id(0) * BLOCK, BLOCK)
    out[i] = a[i] + b[i]
