"""True is no number of axes, stages, elements."""

# signature: f32[::1], f32[::1]
# way out: write a number

@tw.kernel
def kernel(x, out):
    for i in tw.range(4, num_stages=True):  # error: num_stages must be a constant integer, found the constant True
#            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        out[i] = x[i]
