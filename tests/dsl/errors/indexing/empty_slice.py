"""A slice has at least one element."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    v = x[n:n]  # error: the slice `n:n` has the extent 0, expected at least 1
#         ^^^
# note: tiles are never empty
