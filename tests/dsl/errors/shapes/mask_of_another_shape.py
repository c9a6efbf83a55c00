"""A mask broadcasts to its access."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    i = tw.arange(8)
    out[i] = tw.load(x, i, mask=tw.arange(7) < 3)  # error: the mask is bool_<7>, but the index has shape (8,)
#            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
# note: the mask must broadcast to the shape of the index
