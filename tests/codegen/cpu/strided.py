"""Columns of an array whose axes have any strides: gathers and scatters, each lane checked."""

import tilewright as tw

SIGNATURE = "f32[:, :], f32[:, :]; narrow, disjoint"
CONSTANTS = {"N": 24}


@tw.kernel
def kernel(x, out, N: tw.constexpr):
    """A column, reversed."""
    j = tw.program_id(0)
    out[0:N, j] = tw.flip(x[0:N, j], 0)
