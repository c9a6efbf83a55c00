"""A function that a kernel is given stands under `@tw.func`."""

# class: CompileError


@tw.kernel
def kernel(x, out, F: tw.constexpr):  # error: the constexpr `F` is a Python function, which kernels cannot call
#                  ^^^^^^^^^^^^^^^
# note: decorate it with `@tw.func`
    out[0] = F(x[0])


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out, lambda v: v + 1.0)
