"""A local name must be assigned before it is used."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    x[0] = value  # error: `value` is used before it is assigned
#          ^^^^^
# note: a name that a function assigns anywhere is its own: assign it before this
    value = 1.0
