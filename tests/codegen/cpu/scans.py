"""A scan runs through its loop; its sum, which is a scalar, is there only behind the loop."""

import tilewright as tw

SIGNATURE = "i32[::1], i32[::1]; narrow, disjoint"
CONSTANTS = {"N": 50}


@tw.kernel
def kernel(x, out, N: tw.constexpr):
    """Running sums, from the mean on."""
    v = x[0:N]
    out[0:N] = tw.cumsum(v) - tw.sum(v) // N
