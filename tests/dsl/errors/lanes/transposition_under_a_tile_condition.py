"""Transposing does not stand where some lanes are off."""

# signature: f32[:, :], i32

@tw.kernel
def kernel(x, n):
    v = x[0:8, 0:8]
    if v < 1:
        v = v.T  # error: `.T` mixes lanes, and some may be off under the tile condition at transposition_under_a_tile_condition.py:8:8
#           ^^^
# note: compute it before that, or choose with `tw.where` instead of branching
