"""A name must be defined somewhere."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    x[0] = missing + 1  # error: name `missing` is not defined
#          ^^^^^^^
# note: assign it first, pass it as an argument, or define it beside the kernel
