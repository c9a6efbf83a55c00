"""Per-lane control flow: a `while` on a tile condition loops for each element on its own."""

import numpy as np

import tilewright as tw


@tw.kernel
def mandelbrot(out, x0, y0, dx, dy, ITERS: tw.constexpr, BLOCK: tw.constexpr = 256):
    """Rounds until a point escapes, at most `ITERS`."""
    i, j = tw.program_id(1), tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    cr, ci = x0 + dx * j, y0 + dy * i
    zr, zi = 0.0 * cr, 0.0 * cr
    n = tw.zeros(BLOCK, tw.i32)
    while (n < ITERS) & (zr * zr + zi * zi < 4.0):
        zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
        n += 1
    out[i, j] = n


height, width, rounds = 240, 320, 100
out = np.empty((height, width), np.int32)
box = (-2.0, -1.25, 2.75 / width, 2.5 / height)
mandelbrot[tw.cdiv(width, 256), height](out, *box, ITERS=rounds)

c = (box[0] + box[2] * np.arange(width)) + 1j * (box[1] + box[3] * np.arange(height))[:, None]
z, n = np.zeros_like(c), np.zeros(c.shape, np.int32)
for _ in range(rounds):
    on = (z.real**2 + z.imag**2 < 4) & (n < rounds)
    z[on] = z[on] ** 2 + c[on]
    n += on
# Points next to the border of the set escape a round sooner or later in 32 bits than in 64.
same = np.mean(n == out)
assert same > 0.99
print(f"mandelbrot: {width} x {height}, {same:.2%} of the points as in double precision")
