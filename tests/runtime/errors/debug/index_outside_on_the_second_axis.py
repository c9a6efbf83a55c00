"""The message names the axis and the shape."""

# class: DeviceError
# way out: mask the access, or give `tw.load` a `fill=`


@tw.kernel(debug=True)
def kernel(m, out):
    i = tw.program_id(0)
    out[i] = m[i, 2 * i]  # error: index 8 is out of bounds for axis 1 of array `m` of shape (8, 8)
#            ^^^^^^^^^^^


out = np.zeros(64, np.float32)
m = np.arange(64, dtype=np.float32).reshape(8, 8)
kernel[8](m, out)
