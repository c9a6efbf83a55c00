"""The indices in a tile are not negative."""

# class: DeviceError
# way out: mask the access: `tw.store(out, i, v, mask=i >= 0)`


@tw.kernel(debug=True)
def kernel(x, out):
    i = tw.arange(8) - 2
    out[i] = x[i + 2]  # error: index -2 is negative, for axis 0 of array `out` of shape (64,)
#   ^^^^^^


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
