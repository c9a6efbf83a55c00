"""True is no number of warps."""

# class: LaunchError
# way out: pass a number such as 4


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out, num_warps=True)  # error: option 'num_warps' of kernel is an integer, got bool
