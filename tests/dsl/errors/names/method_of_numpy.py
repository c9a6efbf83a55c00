"""A tile is cast with `.to`."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    i = tw.arange(4)
    out[i] = x[i].astype(tw.f16)  # error: f32<4> has no attribute `astype`
#            ^^^^^^^^^^^
# note: cast it: `v.to(tw.f32)`
