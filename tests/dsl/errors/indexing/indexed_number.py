"""A number has no items."""

# signature: f32[:]
# way out: index a tile, an array or a tuple

@tw.kernel
def kernel(x):
    size = 8
    x[0] = size[0]  # error: the constant 8 cannot be indexed
#          ^^^^^^^
