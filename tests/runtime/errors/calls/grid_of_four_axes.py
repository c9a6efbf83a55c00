"""A grid has one to three axes."""

# class: LaunchError


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1, 1, 1, 1](x, out)  # error: a grid has 1 to 3 axes, got 4
# note: fold axes into one, and take it apart with // and % of program_id
