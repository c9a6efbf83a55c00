"""A keyword names a parameter."""

# signature: f32[:]

@tw.func
def scaled(v, factor):
    return v * factor


@tw.kernel
def kernel(x):
    x[0] = scaled(x[0], factr=2)  # error: `scaled` has no parameter `factr`
#          ^^^^^^^^^^^^^^^^^^^^^
# note: it is `scaled(v, factor)`
