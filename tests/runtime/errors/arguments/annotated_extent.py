"""An annotation may fix an extent."""

# class: LaunchError


@tw.kernel
def kernel(x: "f32[16]", out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)  # error: argument 'x' of kernel: expected f32[16], got f32[64::1]
# note: convert the argument, or change the annotation
