"""An axis of the shape must exist."""

# signature: f32[:]
# way out: axes count from 0: `x.shape[0]`

@tw.kernel
def kernel(x):
    x[0] = x.shape[1]  # error: axis 1 of the array `x` of type f32[:], which has 1 axis
#          ^^^^^^^^^^
