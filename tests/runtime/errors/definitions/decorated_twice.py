"""A kernel is decorated once."""

# class: CompileError


@tw.kernel  # error: `kernel`, a Kernel, is not a Python function
# note: decorate a `def`


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
