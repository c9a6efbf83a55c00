"""Assignments are statements."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    x[0] = (v := x[1]) + v  # error: `:=` is not supported in kernels
#           ^^^^^^^^^
# note: assign in a statement of its own
