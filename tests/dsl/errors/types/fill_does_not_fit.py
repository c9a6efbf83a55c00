"""The value of `tw.full` must fit its dtype."""

# signature: f32[::1], f32[::1]
# way out: choose a wider dtype, or cast: `tw.full(4, 300).to(tw.u8)` wraps

@tw.kernel
def kernel(x, out):
    out[0:4] = tw.full(4, 300, tw.u8)  # error: the literal 300 does not fit u8, expected 0 to 255
#              ^^^^^^^^^^^^^^^^^^^^^^
