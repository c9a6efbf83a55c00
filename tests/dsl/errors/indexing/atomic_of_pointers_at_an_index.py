"""Pointers are moved, not indexed."""

# signature: i32[:]

@tw.kernel
def kernel(x):
    tw.atomic_add(x.ptr, 0, 1)  # error: atomic_add of pointers at an index, expected only pointers and values
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^
# note: move the pointers: `tw.atomic_add(p + i, ...)`
