"""There are no complex numbers."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    out[0] = 1j  # error: a constant of type complex has no meaning in kernels
#            ^^
# note: kernels have integers, floats and booleans
