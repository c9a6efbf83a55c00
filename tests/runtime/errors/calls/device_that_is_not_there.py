"""A device exists."""

# class: DeviceError
# way out: `tw.devices()` lists what there is


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out, device="tpu")  # error: no device 'tpu', expected 'cpu' or 'cuda:0' and the like
