"""A transposed tile goes through shared memory, so that rows are read and written as such."""

import tilewright as tw

SIGNATURE = "f32[:, ::1]{aligned, even}, f32[:, ::1]{aligned, even}; narrow, disjoint"
CONSTANTS = {"M": 64, "N": 32}


@tw.kernel
def kernel(x, out, M: tw.constexpr, N: tw.constexpr):
    """The tile across the diagonal."""
    m, n = tw.program_id(1) * M, tw.program_id(0) * N
    out[n : n + N, m : m + M] = x[m : m + M, n : n + N].T
