"""A dtype as annotation is a scalar."""

# class: LaunchError
# way out: take the annotation away, or pass one element: `x[0]`


@tw.kernel
def kernel(x, out, n: tw.i32):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out, x)  # error: argument 'n' of kernel: expected a number of type i32, got numpy.ndarray
