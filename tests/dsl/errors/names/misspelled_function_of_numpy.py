"""A NumPy function must exist."""

# signature: f32[::1], f32[::1]

import numpy as np

@tw.kernel
def kernel(x, out):
    out[0] = np.squrt(x[0])  # error: `np` has no attribute `squrt`
#            ^^^^^^^^
# note: did you mean `np.sqrt`?
