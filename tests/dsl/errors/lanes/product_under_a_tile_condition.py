"""Matrix products do not stand where some lanes are off."""

# signature: f32[:, :], i32

@tw.kernel
def kernel(x, n):
    a = x[0:16, 0:16]
    if a > 1:
        a = a @ a  # error: `dot` mixes lanes, and some may be off under the tile condition at product_under_a_tile_condition.py:8:8
#           ^^^^^
# note: compute it before that, or choose with `tw.where` instead of branching
