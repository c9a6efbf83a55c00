"""`popcount` and `clz` are for integers."""

# signature: f32[::1], f32[::1]
# way out: cast with `.to(tw.i32)` first

@tw.kernel
def kernel(x, out):
    out[0] = tw.popcount(x[0])  # error: popcount of f32, expected an integer
#            ^^^^^^^^^^^^^^^^^
