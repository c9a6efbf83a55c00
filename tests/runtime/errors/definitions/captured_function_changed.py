"""So are functions."""

# class: CompileError


@tw.func
def f(a):
    return a


@tw.kernel
def kernel(x, out):
    out[0] = f(x[0])  # error: `f` has been defined anew since the kernel was first compiled
#            ^
# note: values of outside names are taken once; call `kernel.refresh()` to take them again, or pass the value as a `tw.constexpr` parameter


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)


@tw.func
def f(a):
    return a + 1
kernel[1](x.astype(np.float64), out)
