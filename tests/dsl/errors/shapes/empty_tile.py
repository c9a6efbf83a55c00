"""A tile has at least one element."""

# signature: f32[::1]

@tw.kernel
def kernel(x):
    i = tw.zeros(0)  # error: shape (0,) has the extent 0, expected at least 1
#       ^^^^^^^^^^^
# note: tiles are never empty; arrays may be
    x[0] = tw.sum(i)
