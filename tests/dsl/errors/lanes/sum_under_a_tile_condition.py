"""What mixes lanes does not stand where some are off."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    i = tw.arange(8)
    if i < n:
        x[i] = x[i] / tw.sum(x[i])  # error: `sum` mixes lanes, and some may be off under the tile condition at sum_under_a_tile_condition.py:8:8
#                     ^^^^^^^^^^^^
# note: compute it before that, or choose with `tw.where` instead of branching
