"""A function without `return` gives None."""

# signature: f32[::1], f32[::1]

@tw.func
def f(a):
    a + 1

@tw.kernel
def kernel(x, out):
    out[0] = f(x[0])  # error: cannot store None, expected a value or a number
#   ^^^^^^
# note: a function without `return` gives None
