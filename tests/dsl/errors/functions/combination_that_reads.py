"""A function that combines elements only computes."""

# signature: f32[::1], f32[::1]


@tw.kernel
def kernel(x, out):
    out[0] = tw.reduce(x[0:8], lambda a, b: a + b * x[0], 0)  # error: a function that combines elements only computes: it neither accesses memory nor asserts nor prints
#                                                   ^^^^
# note: read what it needs before, and combine that
