"""Lambdas are plain."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    add = lambda a, b=1: a + b
    x[0] = add(x[0])  # error: a lambda takes plain parameters only
#          ^^^^^^^^^
# note: write a `@tw.func`
