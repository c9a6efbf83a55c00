"""An axis of a grid has 0 or more programs."""

# class: LaunchError
# way out: check the sizes it is computed from


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[-1](x, out)  # error: a grid cannot be negative, got an axis of -1
