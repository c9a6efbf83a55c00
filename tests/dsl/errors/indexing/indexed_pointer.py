"""Pointers are moved, not indexed."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    p = x.ptr
    p[0] = 1  # error: `p` of type *f32 is a pointer, which is not indexed
#   ^^^^
# where: indexed_pointer.py:7:5: `p` became *f32 here
# note: write `tw.store(pointer + offset, value)`
