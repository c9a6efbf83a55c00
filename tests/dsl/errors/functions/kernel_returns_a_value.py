"""A kernel stores its results."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    return x[0]  # error: a kernel returns f32, expected nothing
#   ^^^^^^^^^^^
# note: store the result in an array
