"""Tiles have up to five axes."""

# signature: f32[:, :]

@tw.kernel
def kernel(x):
    v = x[0:2, None, None, None, None, 0:2]  # error: the index has 6 axes, expected at most 5
#       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
