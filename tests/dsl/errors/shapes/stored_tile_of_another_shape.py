"""A stored value broadcasts to the shape of its index."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    out[0:8] = x[0:9]  # error: cannot store f32<9> where the index has shape (8,)
#   ^^^^^^^^
# note: the value must broadcast to the shape of the index
