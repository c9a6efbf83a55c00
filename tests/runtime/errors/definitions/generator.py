"""A kernel gives nothing back."""

# class: CompileError


@tw.kernel  # error: `kernel` is a generator, expected a function
# note: write a plain `def`, and store results in arrays
def kernel(x, out):
    yield x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
