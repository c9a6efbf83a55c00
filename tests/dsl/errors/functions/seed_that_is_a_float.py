"""Seeds and offsets are integers."""

# signature: f32[::1], f32[::1]
# way out: write an integer, or cast: `.to(tw.i64)`

@tw.kernel
def kernel(x, out):
    out[0:8] = tw.rand(0.5, tw.arange(8))  # error: seed is the constant 0.5, expected an integer
#              ^^^^^^^^^^^^^^^^^^^^^^^^^^
