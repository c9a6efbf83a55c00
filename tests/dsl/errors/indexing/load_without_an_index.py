"""An array is loaded at an index."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    i = tw.arange(4)
    out[i] = tw.load(x)  # error: load of `x` of type f32[::1] needs an index
#            ^^^^^^^^^^
# note: write `tw.load(x, index)`, or `x[start : start + N]` for a part of it
