"""Slices of arrays do not count from the end."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    out[0:8] = x[-8:]  # error: the slice `-8:` runs to the end of axis 0 of the array `x` of type f32[::1], whose extent is not a constant
#              ^^^^^^
# note: write `start : start + N` or `tw.block(start, N)` with a constant N
