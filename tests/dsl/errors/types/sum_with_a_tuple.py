"""Tuples are not tiles."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    out[0] = (1, 2) + x[0]  # error: expected a value or a number, found a tuple of 2
#            ^^^^^^^^^^^^^
# note: take its items: `t[0]`
