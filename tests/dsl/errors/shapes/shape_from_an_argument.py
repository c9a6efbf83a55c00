"""The shape of a tile is known when compiling."""

# signature: f32[::1], i32

@tw.kernel
def kernel(x, n: tw.i32):
    i = tw.zeros((n, 4))  # error: an extent of the shape must be a constant integer, found `n` of type i32
#       ^^^^^^^^^^^^^^^^
# where: shape_from_an_argument.py:6:15: `n` is a parameter
# note: make `n` a constant: a parameter annotated `tw.constexpr`
