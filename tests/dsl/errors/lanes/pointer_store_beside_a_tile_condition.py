"""Pointers store lane by lane."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    if tw.arange(8) < n:
        tw.store(x.ptr, 1.0)  # error: a store to a scalar index, where some lanes may be off under the tile condition at pointer_store_beside_a_tile_condition.py:7:8: all lanes would write one element
#       ^^^^^^^^^^^^^^^^^^^^
# note: store at a tile index, or move the store out of the condition
