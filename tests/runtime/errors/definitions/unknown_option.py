"""The options of a kernel have fixed names."""

# class: CompileError


@tw.kernel(fast_math=True)  # error: a kernel has no option `fast_math`
# note: did you mean `fastmath`?
def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
