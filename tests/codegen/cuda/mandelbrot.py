"""A loop per lane: each thread runs it for itself, as long as its lane wants to."""

import tilewright as tw

SIGNATURE = "i32[:, ::1], f32, f32, f32, f32; narrow, disjoint"
CONSTANTS = {"ITERS": 50, "BLOCK": 256}


@tw.kernel
def kernel(out, x0, y0, dx, dy, ITERS: tw.constexpr, BLOCK: tw.constexpr):
    """Rounds until each point escapes."""
    i, j = tw.program_id(1), tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    cr, ci = x0 + dx * j, y0 + dy * i
    zr, zi = 0.0 * cr, 0.0 * cr
    n = tw.zeros(BLOCK, tw.i32)
    while (n < ITERS) & (zr * zr + zi * zi < 4.0):
        zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
        n += 1
    out[i, j] = n
