"""A slice has no lanes of its own."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    i = tw.arange(8)
    if i < n:
        x[0:8] = 1  # error: a store to a slice, where some lanes may be off under the tile condition at slice_store_under_a_tile_condition.py:8:8
#       ^^^^^^
# note: write the index as a tile, `start + tw.arange(N)`, or use `tw.store(..., mask=m)`
