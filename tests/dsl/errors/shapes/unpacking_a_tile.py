"""Only tuples are unpacked."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    a, b = tw.arange(2)  # error: cannot unpack i32<2>, expected a tuple
#   ^^^^
# note: pick its elements: `v[0]`, `v[1]`
