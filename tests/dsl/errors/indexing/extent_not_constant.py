"""The extent of a slice must come out constant."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    v = x[n:2 * n]  # error: the extent of the slice `n:2 * n` is not a constant
#         ^^^^^^^
# note: write `tw.block(n, N)` with a constant N
