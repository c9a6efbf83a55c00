"""An array is read before it is computed with."""

# signature: f32[:], f32[:]

@tw.kernel
def kernel(x, y):
    x[0] = x + y  # error: an array cannot stand in arithmetic: found `x` of type f32[:]
#          ^^^^^
# note: read a part of it: `x[index]`
