"""Dtypes are no functions."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    x[0] = tw.f32(n)  # error: the dtype f32 cannot be called
#          ^^^^^^^^^
# note: cast with `.to(tw.f32)`
