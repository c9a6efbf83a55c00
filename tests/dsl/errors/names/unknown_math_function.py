"""Of `math` the functions with a counterpart may be called."""

# signature: f32[::1], f32[::1]

import math


@tw.kernel
def kernel(x, out):
    out[0] = math.perm(3, 2)  # error: `math.perm` is a function that has no counterpart in kernels
#            ^^^^^^^^^
# note: write it with the functions of `tw`, or compute it outside and pass the result
