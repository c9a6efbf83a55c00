"""Keywords are NumPy's."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    i = tw.arange(4)
    out[0] = tw.sum(i, dim=0)  # error: sum: there is no argument `dim`
#            ^^^^^^^^^^^^^^^^
# note: it is `sum(a, axis=None, dtype=None, *, keepdims=False)`
