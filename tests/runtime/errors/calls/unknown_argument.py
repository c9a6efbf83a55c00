"""A keyword names a parameter."""

# class: LaunchError


@tw.kernel
def kernel(x, out, BLOCK: tw.constexpr = 8):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out, BLOCKS=4)  # error: kernel has no parameter 'BLOCKS'
# note: call it as kernel[grid](x, out, BLOCK=8)
