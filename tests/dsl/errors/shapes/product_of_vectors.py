"""`@` takes tiles of two or three axes."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    out[0] = x[0:4] @ x[0:4]  # error: the first operand of `@` is f32<4>, expected a tile of 2 or 3 axes
#            ^^^^^^^^^^^^^^^
# note: give a vector an axis: `v[None, :]` or `v[:, None]`
