"""A sort needs all lanes, so it does not stand where some are off."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    i = tw.arange(8)
    if i < n:
        x[i] = tw.sort(x[i])  # error: `sort` mixes lanes, and some may be off under the tile condition at sort_under_a_tile_condition.py:8:8
#              ^^^^^^^^^^^^^
# note: compute it before that, or choose with `tw.where` instead of branching
