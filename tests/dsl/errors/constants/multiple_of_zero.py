"""A hint names a divisor of at least 1."""

# signature: f32[::1], f32[::1], i32
# way out: write a power of two such as 16

@tw.kernel
def kernel(x, out, n: tw.i32):
    out[tw.multiple_of(n, 0)] = 1.0  # error: multiple_of 0, expected at least 1
#       ^^^^^^^^^^^^^^^^^^^^
