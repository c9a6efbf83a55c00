"""`tw.Array` is an array of any kind."""

# class: LaunchError
# way out: pass an array of one element


@tw.kernel
def kernel(x: tw.Array, out):
    out[0] = x[0]


out = np.zeros(64, np.float32)
kernel[1](3.0, out)  # error: argument 'x' of kernel: expected an array, got float
