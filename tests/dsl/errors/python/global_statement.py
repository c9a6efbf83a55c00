"""Kernels have no global variables."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    global counter  # error: `global` is not supported in kernels
#   ^^^^^^^^^^^^^^
# note: pass an array and store into it
    counter = 1
