"""A slice has no lanes of its own."""

# signature: i32[:], i32[:]

@tw.kernel
def kernel(x, y):
    v = y[0:8]
    if v > 0:
        tw.atomic_add(x, tw.block(0, 8), v)  # error: an atomic on a slice, where some lanes may be off under the tile condition at atomic_on_a_slice_under_a_tile_condition.py:8:8
#       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
# note: write the index as a tile, `start + tw.arange(N)`, or give it a `mask=`
