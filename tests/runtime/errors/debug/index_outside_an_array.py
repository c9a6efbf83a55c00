"""A scalar index lies inside."""

# class: DeviceError
# way out: mask the access, or give `tw.load` a `fill=`


@tw.kernel(debug=True)
def kernel(x, out):
    i = tw.program_id(0)
    out[0] = x[i + 100]  # error: index 100 is out of bounds for axis 0 of array `x` of shape (64,)
#            ^^^^^^^^^^


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[8](x, out)
