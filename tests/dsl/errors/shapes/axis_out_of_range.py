"""An axis of a reduction exists."""

# signature: f32[::1], f32[::1]
# way out: axes count from 0, or from the end with -1

@tw.kernel
def kernel(x, out):
    i = tw.arange(4)
    out[0] = tw.sum(i, axis=1)  # error: axis 1 of a tile of rank 1, expected -1 to 0
#            ^^^^^^^^^^^^^^^^^
