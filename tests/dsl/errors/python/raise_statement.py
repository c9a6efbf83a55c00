"""There is no `raise`."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    raise ValueError("no")  # error: `raise` is not supported in kernels
#   ^^^^^^^^^^^^^^^^^^^^^^
# note: use `assert condition, message`
