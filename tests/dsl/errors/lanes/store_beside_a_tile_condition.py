"""A condition broadcasts against what it guards."""

# signature: f32[:], i32
# way out: let condition and index have one shape, or give one an axis: `i[:, None]`

@tw.kernel
def kernel(x, n):
    if tw.arange(8) < n:
        x[tw.arange(5)] = 1  # error: a store of shape (5,) does not broadcast with the lanes of shape (8,) that may be off under the tile condition at store_beside_a_tile_condition.py:8:8
#       ^^^^^^^^^^^^^^^
