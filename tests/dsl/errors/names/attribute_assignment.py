"""Attributes cannot be assigned to."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    x.dtype = tw.f16  # error: attributes cannot be assigned to in kernels
#   ^^^^^^^
# note: assign to a name or `x[i]`
