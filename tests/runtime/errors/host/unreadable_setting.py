"""Environment variables have the values of the settings page."""

# class: Error
# way out: write 0, 1 or strict
# environment: TILEWRIGHT_DEBUG=loud


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)  # error: environment variable TILEWRIGHT_DEBUG is 'loud', expected 0, 1 or strict
