"""Modules are imported outside."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    import math  # error: `import` is not supported in kernels
#   ^^^^^^^^^^^
# note: import outside the kernel
    x[0] = math.pi
