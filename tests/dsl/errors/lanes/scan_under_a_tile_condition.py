"""Scans do not stand where some lanes are off."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    a = x[0:8]
    if a > 0:
        a = tw.cumsum(a)  # error: `cumsum` mixes lanes, and some may be off under the tile condition at scan_under_a_tile_condition.py:8:8
#           ^^^^^^^^^^^^
# note: compute it before that, or choose with `tw.where` instead of branching
    out[0:8] = a
