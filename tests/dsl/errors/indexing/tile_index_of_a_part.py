"""Fewer indices than axes are for scalars."""

# signature: f32[:, :]

@tw.kernel
def kernel(x):
    v = x[tw.arange(8)]  # error: the array `x` of type f32[:, :] has 2 axes, the index has 1
#       ^^^^^^^^^^^^^^^
# note: fewer indices than axes are for scalars, which give a sub-array; give a slice or an index for every axis
