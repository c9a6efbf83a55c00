"""Arrays may overlap: what is read before a write is kept, what is read after it is read again."""

import tilewright as tw

SIGNATURE = "f32[::1], f32[::1]; narrow"
CONSTANTS = {"N": 40}


@tw.kernel
def kernel(a, b, N: tw.constexpr):
    """Exchange, in steps that see each other."""
    v, w = a[0:N], b[0:N]
    b[0:N] = v + 1
    a[0:N] = w + b[0:N]
