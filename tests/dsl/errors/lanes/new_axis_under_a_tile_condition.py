"""Reshaping does not stand where some lanes are off."""

# signature: f32[:, :], i32

@tw.kernel
def kernel(x, n):
    i = tw.arange(8)
    if i < n:
        x[i[:, None], i] = 1  # error: a subscript of a tile mixes lanes, and some may be off under the tile condition at new_axis_under_a_tile_condition.py:8:8
#         ^^^^^^^^^^
# note: compute it before that, or choose with `tw.where` instead of branching
