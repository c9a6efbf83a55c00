"""Slices have no steps."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    v = x[0:8:2]  # error: a slice of an array has a step, expected none
#         ^^^^^
# note: index with a tile: `start + step * tw.arange(N)`
