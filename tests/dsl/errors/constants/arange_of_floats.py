"""`tw.arange` counts in integers."""

# signature: f32[::1], f32[::1]
# way out: scale it: `tw.arange(4) * 0.25`

@tw.kernel
def kernel(x, out):
    out[0:4] = tw.arange(0, 1, 0.25)  # error: step must be a constant integer, found the constant 0.25
#              ^^^^^^^^^^^^^^^^^^^^^
