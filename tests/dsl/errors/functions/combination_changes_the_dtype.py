"""A combination gives what it was given."""

# signature: f32[::1], f32[::1]

@tw.func
def f(a, b):
    return (a + b).to(tw.i32)

@tw.kernel
def kernel(x, out):
    out[0] = tw.reduce(x[0:8], f, 0)  # error: the function gives i32 where it was given f32
#            ^^^^^^^^^^^^^^^^^^^^^^^
# note: the result of a combination is combined again: it must have the same type
