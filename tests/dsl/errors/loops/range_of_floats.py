"""A range counts in integers."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    for v in range(0.0, 4.0):  # error: a range takes integer scalars, found the constant 0.0
#            ^^^^^^^^^^^^^^^
# note: compute the number from a counter: `start + i * step`
        out[0] = v
