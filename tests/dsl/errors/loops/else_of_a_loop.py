"""Loops have no `else`."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    for k in range(n):  # error: `else` of a loop is not supported in kernels
#   ^^^^^^^^^^^^^^^^^^
# note: set a flag before `break` and test it behind the loop
        x[k] = 1
    else:
        x[0] = 2
