"""A launch has at most 2^31 - 1 programs."""

# class: LaunchError
# way out: let each program do more


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1 << 31, 4](x, out)  # error: a grid has at most 2**31 - 1 programs, got (2147483648, 4, 1)
