"""A store gives an index for every axis."""

# signature: f32[:, :]

@tw.kernel
def kernel(x):
    x[0] = 1.0  # error: the array `x` of type f32[:, :] has 2 axes, the index has 1
#   ^^^^
# note: give an index for every axis
