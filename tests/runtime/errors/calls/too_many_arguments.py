"""No more arguments than parameters."""

# class: LaunchError


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out, 3)  # error: kernel takes 2 arguments, got 3 by position
# note: call it as kernel[grid](x, out)
