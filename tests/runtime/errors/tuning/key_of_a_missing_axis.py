"""The arrays of a call have the axes that the key names."""

# class: LaunchError


@tw.autotune(configs=[tw.Config(BLOCK=64), tw.Config(BLOCK=256)], key=["x.shape[1]"])
@tw.kernel
def kernel(x, n, BLOCK: tw.constexpr):
    x[tw.program_id(0) * BLOCK + tw.arange(BLOCK)] = n


x = np.zeros(256, np.float32)
kernel[1](x, 1.0)  # error: kernel is tuned by 'x.shape[1]': the array has no such axis
# note: the key of @tw.autotune names what the arguments of every call have
