"""`tw.arange` has at least one element."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    out[0:4] = tw.arange(4, 0)  # error: arange(4, 0) is empty, expected at least one element
#              ^^^^^^^^^^^^^^^
# note: a tile cannot be empty
