"""A kernel is a plain function."""

# class: CompileError


@tw.kernel  # error: `kernel` is a coroutine, expected a function
# note: write a plain `def`, and store results in arrays
async def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
