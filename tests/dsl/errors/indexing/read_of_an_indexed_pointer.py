"""Pointers are loaded from, not indexed."""

# signature: *f32

@tw.kernel
def kernel(p):
    v = p[0]  # error: `p` of type *f32 is a pointer, which is not indexed
#       ^^^^
# where: read_of_an_indexed_pointer.py:6:12: `p` is a parameter
# note: write `tw.load(pointer + offset)`
