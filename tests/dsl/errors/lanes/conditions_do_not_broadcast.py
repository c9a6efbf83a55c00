"""A condition broadcasts against the one it stands under."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    i, j = tw.arange(8), tw.arange(5)
    if i < n:
        if j < n:  # error: a condition of shape (5,) stands under one of shape (8,), with which it does not broadcast
#          ^^^^^
# note: compare tiles of one shape, or give one an axis: `v[:, None]`
            x[i] = 1
