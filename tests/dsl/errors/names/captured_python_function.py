"""A plain Python function cannot be called."""

# signature: f32[:]

def double(x):
    return 2 * x


@tw.kernel
def kernel(x):
    x[0] = double(x[0])  # error: `double` is a Python function, which kernels cannot call
#          ^^^^^^
# note: decorate it with `@tw.func`
