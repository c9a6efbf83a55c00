"""An index is an integer."""

# signature: f32[::1], f32[::1]
# way out: index with a number, a tile of integers or a slice

@tw.kernel
def kernel(x, out):
    out[0] = x["a"]  # error: an index is the string 'a', expected an integer scalar, a tile or a slice
#              ^^^
