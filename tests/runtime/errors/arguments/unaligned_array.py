"""Elements are aligned to their size."""

# class: LaunchError


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


out = np.zeros(64, np.float32)
kernel[1](np.zeros(17, np.uint8)[1:].view(np.float32), out)  # error: argument 'x' of kernel: its data is not aligned to its item size
# note: pass x.copy()
