"""There are no lists."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    values = [1, 2]  # error: a list is not supported in kernels
#            ^^^^^^
# note: use a tuple
    x[0] = values[0]
