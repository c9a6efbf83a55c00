"""Few of Python's builtins may be called."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    out[0] = sorted(x[0])  # error: `sorted` is a function that has no counterpart in kernels
#            ^^^^^^
# note: write it with the functions of `tw`, or compute it outside and pass the result
