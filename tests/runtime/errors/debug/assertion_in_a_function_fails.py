"""So does one in a function, which shows the call."""

# class: DeviceError
# way out: correct the data, or what computes it


@tw.func
def f(a):
    assert a < 3.0, "inside"  # error: assertion failed: inside
#   ^^^^^^^^^^^^^^^^^^^^^^^^
    return a


@tw.kernel(debug=True)
def kernel(x, out):
    v = x[0:8]
    out[0:8] = f(v)


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
