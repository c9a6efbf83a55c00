"""An argument is given once."""

# signature: f32[:]

@tw.func
def scaled(v, factor):
    return v * factor


@tw.kernel
def kernel(x):
    x[0] = scaled(x[0], 2, v=1)  # error: parameter `v` of `scaled` is given twice
#          ^^^^^^^^^^^^^^^^^^^^
# note: it is `scaled(v, factor)`
