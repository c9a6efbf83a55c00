"""Tiles that a loop carries and exchanges: one of them takes a detour."""

import tilewright as tw

SIGNATURE = "f32[::1], f32[::1], f32[:, ::1], i32; narrow, disjoint"
CONSTANTS = {"N": 200}


@tw.kernel
def kernel(a, b, out, n, N: tw.constexpr):
    """Fibonacci, tile by tile."""
    x, y = a[0:N], b[0:N]
    for k in range(n):
        x, y = y, x + y
        out[k, 0:N] = x
    out[n, 0:N] = y
