"""An array that is written is not read-only."""

# class: LaunchError


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
out.flags.writeable = False
kernel[1](x, out)  # error: argument 'out' of kernel: the kernel writes to it, but it is read-only
# note: pass an array that may be written, such as x.copy()
