"""A constant index of a tile lies inside."""

# signature: f32[::1], f32[::1]
# way out: tiles know their extents: `v.shape[0]`

@tw.kernel
def kernel(x, out):
    t = x[0:8]
    out[0] = t[8]  # error: index 8 of axis 0 of `t` of type f32<8>, expected -8 to 7
#            ^^^^
# where: element_outside_a_tile.py:8:5: `t` became f32<8> here
