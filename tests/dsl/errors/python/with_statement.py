"""There is no `with`."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    with x:  # error: `with` is not supported in kernels
#   ^^^^^^^
# note: put it around the launch
        x[0] = 1
