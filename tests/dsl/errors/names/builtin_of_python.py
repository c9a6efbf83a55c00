"""Of Python's builtins some have another name here."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    out[0] = sum(x[0:4])  # error: `sum` is a function that has no counterpart in kernels
#            ^^^
# note: write `tw.sum(a, axis=None, dtype=None, *, keepdims=False)`
