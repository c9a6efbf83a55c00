"""A slice has a constant extent."""

# signature: f32[::1], f32[::1], i32

@tw.kernel
def kernel(x, out, n: tw.i32):
    out[0:n] = x[0:n]  # error: the extent of the slice `0:n` is not a constant
#                ^^^
# note: write `tw.block(0, N)` with a constant N
