"""A NumPy function without a counterpart cannot be called."""

# signature: f32[:]

import numpy as np


@tw.kernel
def kernel(x):
    x[0] = np.interp(x[0], 0, 1)  # error: `np.interp` of NumPy has no counterpart in kernels
#          ^^^^^^^^^
# note: write it with the functions of `tw`, or compute it outside and pass the result
