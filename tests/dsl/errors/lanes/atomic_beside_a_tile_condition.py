"""The lanes of an atomic broadcast with those of the condition."""

# signature: i32[:], i32[:]

@tw.kernel
def kernel(x, y):
    if y[0:8] > 0:
        tw.atomic_add(x, tw.arange(3), 1)  # error: atomic_add of shape (3,) does not broadcast with the lanes of shape (8,) of the tile condition around it
#       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
# way out: give the index, the value or the mask a shape that broadcasts with the lanes
