"""The shape of a tile is a constant."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    v = tw.zeros(n)  # error: an extent of the shape must be a constant integer, found `n` of type i32
#       ^^^^^^^^^^^
# where: shape_not_constant.py:6:15: `n` is a parameter
# note: make `n` a constant: a parameter annotated `tw.constexpr`
