"""`print` in kernels takes values only."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    print("a", x[0], sep="")  # error: print: there is no argument `sep`
#   ^^^^^^^^^^^^^^^^^^^^^^^^
# note: it is `print(*values)`
