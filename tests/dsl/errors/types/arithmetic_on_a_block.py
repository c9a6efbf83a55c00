"""`tw.block` marks a slice; it is no tile."""

# signature: f32[::1]
# way out: add to the start, `tw.block(1, 8)`, or index with a tile, `tw.arange(8) + 1`


@tw.kernel
def kernel(x):
    b = tw.block(0, 8) + 1  # error: `+` of a slice made by `tw.block`, expected a value or a number
#       ^^^^^^^^^^^^^^^^^^
    x[b] = 1.0
