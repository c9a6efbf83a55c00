"""An array has no truth value."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    if x:  # error: the condition is the array `x` of type f32[:], expected a truth value
#      ^
# note: read an element of it: `x[i] > 0`
        x[0] = 1
