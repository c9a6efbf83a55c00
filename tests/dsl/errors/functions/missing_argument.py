"""Every parameter without a default is given."""

# signature: f32[:]

@tw.func
def scaled(v, factor):
    return v * factor


@tw.kernel
def kernel(x):
    x[0] = scaled(x[0])  # error: parameter `factor` of `scaled` is missing
#          ^^^^^^^^^^^^
# note: it is `scaled(v, factor)`
