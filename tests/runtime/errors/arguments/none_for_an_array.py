"""None is passed to a constexpr only."""

# class: LaunchError


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


out = np.zeros(64, np.float32)
kernel[1](None, out)  # error: argument 'x' of kernel: expected an array or a number, got NoneType
# note: what is no array and no number is passed to a parameter annotated tw.constexpr
