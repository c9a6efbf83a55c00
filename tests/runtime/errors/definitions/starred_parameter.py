"""Every parameter has a name."""

# class: CompileError


@tw.kernel
def kernel(x, *rest):  # error: `kernel` takes the starred parameter `rest`
#              ^^^^
# note: name every parameter; a tuple may be passed as one
    x[0] = 1


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
