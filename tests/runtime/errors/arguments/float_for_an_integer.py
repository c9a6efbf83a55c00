"""An integer parameter takes whole numbers."""

# class: LaunchError
# way out: pass `int(n)`, or annotate the parameter with a float


@tw.kernel
def kernel(x, out, n: tw.i32):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out, 3.5)  # error: argument 'n' of kernel: expected a whole number of type i32, got 3.5
