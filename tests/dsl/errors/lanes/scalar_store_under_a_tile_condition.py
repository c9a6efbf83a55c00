"""All lanes would write one element."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    i = tw.arange(8)
    if i == n:
        x[0] = 1  # error: a store to a scalar index, where some lanes may be off under the tile condition at scalar_store_under_a_tile_condition.py:8:8: all lanes would write one element
#       ^^^^
# note: store at a tile index, or move the store out of the condition
