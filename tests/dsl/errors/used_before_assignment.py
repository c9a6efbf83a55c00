"""A local name must be assigned before it is used."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    x[0] = value  # error: `value` is used before it is assigned
#          ^^^^^
    value = 1.0
