"""Index, value and mask have a common shape."""

# signature: i32[:]

@tw.kernel
def kernel(x):
    tw.atomic_max(x, tw.arange(8), tw.arange(3))  # error: atomic_max: index, value and mask of shapes (8,) and (3,) do not broadcast
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
# way out: give them axes to meet on, as in `v[:, None]`
