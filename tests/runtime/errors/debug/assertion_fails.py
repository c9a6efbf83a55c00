"""An assertion names its line and message."""

# class: DeviceError
# way out: correct the data, or what computes it


@tw.kernel(debug=True)
def kernel(x, out):
    i = tw.program_id(0)
    assert x[i] < 3.0, "x is too large"  # error: assertion failed: x is too large
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    out[i] = x[i]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[8](x, out)
