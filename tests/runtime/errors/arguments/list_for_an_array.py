"""Arrays are NumPy's, or speak one of its protocols."""

# class: LaunchError


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


out = np.zeros(64, np.float32)
kernel[1]([1.0, 2.0], out)  # error: argument 'x' of kernel: expected an array or a number, got list
# note: make it an array: np.asarray(x)
