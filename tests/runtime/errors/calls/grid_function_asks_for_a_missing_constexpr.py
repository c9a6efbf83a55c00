"""A grid function sees the constexprs."""

# class: LaunchError


@tw.kernel
def kernel(x, out, B: tw.constexpr = 4):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[lambda p: (64 // p.BLOCK,)](x, out)  # error: the grid function asks for 'BLOCK', which is no constexpr parameter of kernel
# note: it has B
