"""Tiles have the attributes of the docs."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    x[0] = x[1].real  # error: f32 has no attribute `real`
#          ^^^^^^^^^
# note: a tile has `shape ndim dtype size T` and the methods of the reference
