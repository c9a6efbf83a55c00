"""As many names as values."""

# signature: f32[:, :]

@tw.kernel
def kernel(x):
    m, n, k = x.shape  # error: cannot unpack 2 values into 3 names
#   ^^^^^^^
# note: give a name to each; `*rest` takes several
