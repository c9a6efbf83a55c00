"""A mask is no index."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    i = tw.arange(8)
    x[i > 3] = 1  # error: an index is bool_<8>, expected an integer
#     ^^^^^
# note: a mask goes to `tw.load(x, index, mask=m)` or `tw.store`
