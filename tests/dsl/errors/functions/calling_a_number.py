"""Only functions are called."""

# signature: f32[:]
# way out: call a builtin, a method or a `@tw.func`

@tw.kernel
def kernel(x):
    size = 3
    x[0] = size(1)  # error: the constant 3 cannot be called
#          ^^^^^^^
