"""An integer fits its annotation."""

# class: LaunchError
# way out: annotate the parameter with a wider dtype, or not at all


@tw.kernel
def kernel(x, out, n: tw.i32):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out, 1 << 40)  # error: argument 'n' of kernel: 1099511627776 does not fit into i32
