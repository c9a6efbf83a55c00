"""A stream is a `tw.Stream`."""

# class: LaunchError
# way out: make one: `tw.Stream()`


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out, stream="a")  # error: option 'stream' is a Stream, got str
