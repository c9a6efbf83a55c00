"""A builtin takes the arguments of the docs."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    x[0] = tw.exp(x[0], 2)  # error: exp: found 2 positional arguments, expected at most 1
#          ^^^^^^^^^^^^^^^
# note: it is `exp(x)`
