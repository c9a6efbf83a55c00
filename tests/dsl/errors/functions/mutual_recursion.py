"""Nor do functions call each other in a circle."""

# signature: f32[::1], f32[::1]

@tw.func
def f(a):
    return g(a)


@tw.func
def g(a):
    return f(a)  # error: `f` calls itself; functions are inlined, so recursion has no end
#          ^^^^
# note: write a loop

@tw.kernel
def kernel(x, out):
    out[0] = f(x[0])
