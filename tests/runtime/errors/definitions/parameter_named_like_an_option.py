"""Parameters are not named like the launch options."""

# class: CompileError


@tw.kernel
def kernel(x, stream):  # error: parameter `stream` is named like a launch option
#             ^^^^^^
# note: give it another name than device, num_stages, num_warps, stream
    x[0] = stream


x = np.arange(64, dtype=np.float32)
kernel[1](x, 1)
