"""A tuple is indexed by constants."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    pair = (1, 2)
    x[0] = pair[n]  # error: a tuple of 2 is indexed by `n` of type i32, expected a constant integer
#          ^^^^^^^
# where: tuple_indexed_at_run_time.py:6:15: `n` is a parameter
# note: what is chosen at run time is a tile: `tw.stack` makes one of a tuple's items
