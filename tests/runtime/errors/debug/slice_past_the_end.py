"""With `debug="strict"` slices end inside, too."""

# class: DeviceError
# way out: without `strict` the elements past the end are 0


@tw.kernel(debug="strict")
def kernel(x, out):
    v = x[60:68]  # error: index 64 is out of bounds for axis 0 of array `x` of shape (64,)
#       ^^^^^^^^
    out[0:8] = v


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
