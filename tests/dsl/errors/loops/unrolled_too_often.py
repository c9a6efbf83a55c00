"""An unrolled loop is compiled round by round."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    for i in tw.static_range(10000000):  # error: this loop is written out 10000000 times, expected at most 16384
#            ^^^^^^^^^^^^^^^^^^^^^^^^^
# note: every round is compiled anew: use `range`, which loops at run time
        out[i] = x[i] + 1.0
