"""There are no complex numbers."""

# class: LaunchError


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


out = np.zeros(64, np.float32)
kernel[1](np.zeros(3, np.complex64), out)  # error: argument 'x' of kernel: arrays of dtype complex64 are not supported
# note: convert it, as with x.astype(np.float32)
