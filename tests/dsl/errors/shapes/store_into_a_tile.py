"""Tiles are values."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    v = tw.zeros(8)
    v[0] = 1  # error: `v` of type f32<8> is a tile: its elements cannot be assigned one by one
#   ^^^^
# where: store_into_a_tile.py:7:5: `v` became f32<8> here
# note: choose between two tiles: `v = tw.where(tw.arange(N) == i, new, v)`
