"""A transposed tile: blocks of rows, read across them and transposed in registers."""

import tilewright as tw

SIGNATURE = "f32[:, ::1], f32[:, ::1]; narrow, disjoint"
CONSTANTS = {"M": 64, "N": 16}


@tw.kernel
def kernel(x, out, M: tw.constexpr, N: tw.constexpr):
    """The tile across the diagonal."""
    m, n = tw.program_id(1) * M, tw.program_id(0) * N
    out[n : n + N, m : m + M] = x[m : m + M, n : n + N].T
