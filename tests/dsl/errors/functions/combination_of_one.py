"""What `reduce` combines with takes two values."""

# signature: f32[::1], f32[::1]

@tw.func
def f(a):
    return a

@tw.kernel
def kernel(x, out):
    out[0] = tw.reduce(x[0:8], f, 0)  # error: `f` takes 1 positional arguments, found 2
#            ^^^^^^^^^^^^^^^^^^^^^^^
# note: it is `f(a)`
