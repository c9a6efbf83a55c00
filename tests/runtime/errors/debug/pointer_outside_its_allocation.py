"""A pointer stays inside the memory it came from."""

# class: DeviceError
# way out: mask the access


@tw.kernel(debug=True)
def kernel(x, out):
    p = x.ptr + 1000
    out[0] = tw.load(p)  # error: element 1000 lies outside the memory of array `x`, which has 64 elements
#            ^^^^^^^^^^


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
