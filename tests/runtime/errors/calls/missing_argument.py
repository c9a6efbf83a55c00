"""Every parameter without a default is given."""

# class: LaunchError


@tw.kernel
def kernel(x, out, n):
    out[0] = x[n]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)  # error: kernel is missing the argument 'n'
# note: call it as kernel[grid](x, out, n)
