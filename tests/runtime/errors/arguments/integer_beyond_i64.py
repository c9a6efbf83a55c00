"""An integer without annotation fits `i64`."""

# class: LaunchError
# way out: annotate the parameter: `n: tw.u64`


@tw.kernel
def kernel(x, out, n):
    out[0] = n


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out, 1 << 63)  # error: argument 'n' of kernel: 9223372036854775808 does not fit into i64; annotate the parameter with u64
