"""An augmented assignment does not make a tile larger."""

# signature: f32[:, :]

@tw.kernel
def kernel(x):
    v = tw.zeros((8, 1))
    v += tw.ones((8, 4))  # error: an augmented assignment to `v` of type f32<8x1> would give it shape (8, 4)
#   ^^^^^^^^^^^^^^^^^^^^
# note: a variable's shape may only grow from a scalar to a tile
