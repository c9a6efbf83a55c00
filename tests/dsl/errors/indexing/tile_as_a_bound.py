"""The bounds of a slice are scalars."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    i = tw.arange(8)
    v = x[i:i + 4]  # error: a bound of a slice is `i` of type i32<8>, expected an integer scalar
#         ^
# where: tile_as_a_bound.py:7:5: `i` became i32<8> here
# note: a tile may be the index itself
