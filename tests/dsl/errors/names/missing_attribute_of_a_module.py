"""A module must have the attribute."""

# signature: f32[:]
# way out: look at what the module has: `dir(math)`

import math


@tw.kernel
def kernel(x):
    x[0] = math.missing  # error: `math` has no attribute `missing`
#          ^^^^^^^^^^^^
