"""Outside values are taken once."""

# class: CompileError


SCALE = 2.0


@tw.kernel
def kernel(x, out):
    out[0] = SCALE * x[0]  # error: `SCALE` has changed from 2.0 to 3.0 since the kernel was first compiled
#            ^^^^^
# note: values of outside names are taken once; call `kernel.refresh()` to take them again, or pass the value as a `tw.constexpr` parameter


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
SCALE = 3.0
kernel[1](x.astype(np.float64), out)
