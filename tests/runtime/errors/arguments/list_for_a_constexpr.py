"""A constexpr can be hashed."""

# class: LaunchError


@tw.kernel
def kernel(x, out, B: tw.constexpr):
    out[0] = B[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out, [1, 2])  # error: argument 'B' of kernel: a constexpr must be hashable, and list is not
# note: pass a tuple or a number; arrays go to parameters without tw.constexpr
