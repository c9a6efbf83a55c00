"""The elements of an array have a dtype of the language."""

# class: LaunchError


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


out = np.zeros(64, np.float32)
kernel[1](np.array([None, 1]), out)  # error: argument 'x' of kernel: arrays of dtype object are not supported
# note: convert it, as with x.astype(np.float32)
