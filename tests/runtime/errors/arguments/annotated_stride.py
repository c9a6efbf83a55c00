"""An annotation may ask for a contiguous axis."""

# class: LaunchError


@tw.kernel
def kernel(x: "f32[::1]", out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x[::2], out)  # error: argument 'x' of kernel: expected f32[::1], got f32[:]
# note: convert the argument, or change the annotation
