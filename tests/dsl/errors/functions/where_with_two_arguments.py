"""`where` chooses between two values."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    i = tw.arange(8)
    out[i] = tw.where(i > 3, i)  # error: where: argument `y` is missing
#            ^^^^^^^^^^^^^^^^^^
# note: it is `where(condition, x, y)`
