"""There are no classes."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    class Pair:  # error: a class is not supported in kernels
#   ^^^^^^^^^^^
# note: use a tuple of values
        pass
