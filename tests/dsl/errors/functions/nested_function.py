"""Functions are not nested."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    def double(v):  # error: a nested function is not supported in kernels
#   ^^^^^^^^^^^^^^
# note: define it outside with `@tw.func`
        return 2 * v
    x[0] = double(x[0])
