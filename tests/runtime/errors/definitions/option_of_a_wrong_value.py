"""`debug` is True, False or "strict"."""

# class: CompileError
# way out: write one of the three


@tw.kernel(debug="loud")  # error: option `debug` is 'loud', expected True, False or 'strict'
def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
