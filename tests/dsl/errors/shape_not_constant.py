"""The shape of a tile is a constant."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    v = tw.zeros(n)  # error: an extent of the shape must be a constant integer, found `n` of type i32
#       ^^^^^^^^^^^
# note: make it a `tw.constexpr`
