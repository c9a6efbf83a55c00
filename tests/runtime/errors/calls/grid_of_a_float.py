"""A grid is made of integers."""

# class: LaunchError


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1.5](x, out)  # error: a grid is made of integers, got float
# note: divide with tw.cdiv(n, BLOCK), or with //
