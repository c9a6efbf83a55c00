"""Keyword arguments are named."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    x[0] = tw.exp(**x)  # error: `**` in a call is not supported in kernels
#          ^^^^^^^^^^^
# note: name the arguments
