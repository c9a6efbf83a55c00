"""None has no operators."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    x[0] = x[0] + None  # error: `+` of None, expected a value or a number
#          ^^^^^^^^^^^
# note: test for None with `is None`
