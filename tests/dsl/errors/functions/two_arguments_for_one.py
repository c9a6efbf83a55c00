"""A builtin takes what its signature says."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    out[0] = tw.exp(1.0, 2.0)  # error: exp: found 2 positional arguments, expected at most 1
#            ^^^^^^^^^^^^^^^^
# note: it is `exp(x)`
