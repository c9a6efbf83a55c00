"""Only values are stored."""

# signature: f32[:], f32[:]
# way out: read a part of it: `y[i]`

@tw.kernel
def kernel(x, y):
    x[0] = y  # error: cannot store the array `y` of type f32[:], expected a value or a number
#   ^^^^
