"""Index tiles broadcast against each other."""

# signature: f32[:, :]

@tw.kernel
def kernel(x):
    v = x[tw.arange(8), tw.arange(4)]  # error: index tiles of shapes (8,) and (4,) do not broadcast
#       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
# note: give them axes to meet on, as in `x[rows[:, None], cols]`
