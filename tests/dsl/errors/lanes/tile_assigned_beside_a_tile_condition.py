"""A condition broadcasts against what is assigned under it."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    v = tw.arange(5)
    if tw.arange(8) < n:
        v = v + 1  # error: `v` of shape (5,) is assigned under a condition of shape (8,), with which it does not broadcast
#       ^
# note: each lane assigns for itself: give both one shape, as with `v[:, None]`
    x[v] = 1
