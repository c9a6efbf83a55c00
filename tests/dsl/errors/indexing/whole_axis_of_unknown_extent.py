"""`:` needs a constant extent."""

# signature: f32[:, :]

@tw.kernel
def kernel(x):
    v = x[0, :]  # error: the slice `:` runs to the end of axis 1 of the array `x` of type f32[:, :], whose extent is not a constant
#       ^^^^^^^
# note: write `start : start + N` or `tw.block(start, N)` with a constant N
