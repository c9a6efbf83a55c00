"""Bytes mean nothing."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    x[0] = b"one"  # error: a constant of type bytes has no meaning in kernels
#          ^^^^^^
# note: kernels have integers, floats and booleans
