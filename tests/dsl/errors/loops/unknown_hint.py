"""The hints of a loop have fixed names."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    for i in tw.range(4, unrol=2):  # error: range: there is no argument `unrol`
#            ^^^^^^^^^^^^^^^^^^^^
# note: it is `range(start, stop=None, step=1, *, num_stages=None, unroll=None)`
        out[i] = 1.0
