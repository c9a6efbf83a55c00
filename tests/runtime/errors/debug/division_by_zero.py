"""Integers are not divided by zero."""

# class: DeviceError
# way out: divide by `tw.maximum(n, 1)`, or mask the division


@tw.kernel(debug=True)
def kernel(n, out):
    i = tw.program_id(0)
    out[i] = 7 // n[i]  # error: integer division by zero
#            ^^^^^^^^^


out = np.zeros(64, np.float32)
n = np.arange(64, dtype=np.int32) % 5
kernel[8](n, out)
