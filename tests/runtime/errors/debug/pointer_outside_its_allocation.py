"""A pointer stays inside its allocation."""

# class: DeviceError
# environment: TILEWRIGHT_INTERPRET=1


@tw.kernel
def kernel(x, out):
    p = x.ptr + 1000
    out[0] = tw.load(p)  # error: element 1000 lies outside the allocation of 'x'
#            ^^^^^^^^^^
# note: in program (0, 0, 0)


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
