"""Arrays have few attributes."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    x[0] = x.sum()  # error: the array `x` of type f32[:] has no attribute `sum`
#          ^^^^^
# note: an array has `shape strides ndim dtype size ptr`; read a part of it for more: `x[i]`
