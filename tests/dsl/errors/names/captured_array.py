"""An outside array must be passed as an argument."""

# signature: f32[:]

import numpy as np

table = np.zeros(3)


@tw.kernel
def kernel(x):
    x[0] = table[1]  # error: `table` is a NumPy array
#          ^^^^^
# note: pass it as an argument
