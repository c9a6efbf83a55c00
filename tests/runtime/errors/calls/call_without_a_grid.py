"""A kernel is called with a grid."""

# class: LaunchError
# way out: write `kernel[grid](x, out)`


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel(x, out)  # error: kernel is a kernel and needs a grid: kernel[grid](...)
