"""`and` and `or` of tiles take boolean ones."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    i = tw.arange(8)
    if i > 0 and x[i]:  # error: the right of `and` is f32<8>, expected a boolean tile
#      ^^^^^^^^^^^^^^
# note: compare it with something, as in `v != 0`
        out[i] = 1.0
