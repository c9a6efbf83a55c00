"""No more indices than axes."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    x[0] = x[0, 1]  # error: the array `x` of type f32[:] has 1 axis, the index has 2
#          ^^^^^^^
# note: leave out an index; a value gets axes with `v[:, None]`
