"""An annotation fixes the rank."""

# class: LaunchError


@tw.kernel
def kernel(x: "f32[:, :]", out):
    out[0] = x[0, 0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)  # error: argument 'x' of kernel: expected f32[:, :], got f32[::1]
# note: convert the argument, or change the annotation
