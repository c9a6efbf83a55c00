"""Extents are integers."""

# signature: f32[::1]
# way out: write `4`, or `n // 2` where it is computed

@tw.kernel
def kernel(x):
    i = tw.zeros(4.0)  # error: an extent of the shape must be a constant integer, found the constant 4.0
#       ^^^^^^^^^^^^^
    x[0] = tw.sum(i)
