"""The byte order is the machine's."""

# class: LaunchError
# way out: convert it, as the message says


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


out = np.zeros(64, np.float32)
kernel[1](np.zeros(3, ">f4"), out)  # error: argument 'x' of kernel: its byte order is foreign; convert it with .astype(x.dtype.newbyteorder('='))
