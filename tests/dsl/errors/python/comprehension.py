"""There are no comprehensions."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    x[0] = max(x[k] for k in (0, 1))  # error: a generator expression is not supported in kernels
#             ^^^^^^^^^^^^^^^^^^^^^^
# note: write a loop, or a tuple
