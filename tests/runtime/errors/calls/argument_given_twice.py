"""An argument is given once."""

# class: LaunchError


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out, x=x)  # error: kernel got two values for 'x'
# note: call it as kernel[grid](x, out)
