"""A store takes one value."""

# signature: f32[::1], f32[::1]
# way out: build a tile with `tw.stack`, or store the items one by one

@tw.kernel
def kernel(x, out):
    out[0:2] = (1, 2)  # error: cannot store a tuple of 2, expected a value or a number
#   ^^^^^^^^
