"""What masked elements read is `fill`."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    i = tw.arange(4)
    out[i] = tw.load(x, i, other=0.0)  # error: load: there is no argument `other`
#            ^^^^^^^^^^^^^^^^^^^^^^^^
# note: it is `load(x, index=None, mask=None, fill=None)`
