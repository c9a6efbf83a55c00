"""No more arguments than parameters."""

# signature: f32[:]

@tw.func
def scaled(v, factor):
    return v * factor


@tw.kernel
def kernel(x):
    x[0] = scaled(x[0], 2, 3)  # error: `scaled` takes 2 positional arguments, found 3
#          ^^^^^^^^^^^^^^^^^^
# note: it is `scaled(v, factor)`
