"""A sub-array is taken inside."""

# class: DeviceError
# way out: test the number before, as in `if n < m.shape[0]`


@tw.kernel(debug=True)
def kernel(m, out, n: tw.i32):
    row = m[n]
    out[0] = row[0]  # error: index 9 is out of bounds for axis 0 of array `m` of shape (8, 8)
#            ^^^^^^


out = np.zeros(64, np.float32)
m = np.arange(64, dtype=np.float32).reshape(8, 8)
kernel[1](m, out, 9)
