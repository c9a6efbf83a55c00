"""`num_stages` is at least 1."""

# class: LaunchError
# way out: leave it out; it has an effect on a GPU only


@tw.kernel
def kernel(x, out):
    i = tw.arange(8)
    out[i] = x[i]


x, out = np.ones(8, np.float32), np.zeros(8, np.float32)
kernel[1](x, out, num_stages=0)  # error: option 'num_stages' of kernel is at least 1, got 0
