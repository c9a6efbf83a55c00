"""The index of a tuple lies inside."""

# signature: f32[:]
# way out: count from 0, or from the end with -1

@tw.kernel
def kernel(x):
    pair = (1, 2)
    x[0] = pair[2]  # error: index 2 of a tuple of 2, expected -2 to 1
#          ^^^^^^^
