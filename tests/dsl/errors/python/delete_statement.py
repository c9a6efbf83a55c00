"""There is no `del`."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    value = x[0]
    del value  # error: `del` is not supported in kernels
#   ^^^^^^^^^
# note: leave it out: values need not be freed
