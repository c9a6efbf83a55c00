"""There are no sets."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    a = {1, 2}  # error: a set is not supported in kernels
#       ^^^^^^
# note: use a tuple
    out[0] = 1
