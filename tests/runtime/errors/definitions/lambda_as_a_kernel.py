"""A kernel has source text and a name."""

# class: CompileError


k = tw.kernel(lambda x, out: None)  # error: a lambda cannot be a kernel or a `@tw.func`
# note: write a `def`


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
