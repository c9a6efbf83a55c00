"""Methods that mix lanes do not stand where some are off."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    i = tw.arange(8)
    while i < n:
        i = i + x[i].argmax()  # error: `argmax` mixes lanes, and some may be off under the tile condition at method_under_a_tile_condition.py:8:11
#               ^^^^^^^^^^^^^
# note: compute it before that, or choose with `tw.where` instead of branching
