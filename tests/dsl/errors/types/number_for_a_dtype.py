"""A dtype is not a number of bits."""

# signature: f32[::1]

@tw.kernel
def kernel(x):
    i = tw.zeros(4, 32)  # error: expected a dtype, found the constant 32
#       ^^^^^^^^^^^^^^^
# note: write `tw.f32`, `tw.i32`, ...
    x[0] = tw.sum(i)
