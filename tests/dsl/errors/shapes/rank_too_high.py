"""Tiles have up to five axes."""

# signature: f32[:, :]
# way out: leave out new axes, or fold two axes into one

@tw.kernel
def kernel(x):
    v = x[0:2, None, None, None, None, 0:2]  # error: the index has 6 axes, expected at most 5
#       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
