"""`argmax` is along one axis, or over all elements."""

# signature: f32[:, ::1]

@tw.kernel
def kernel(x):
    v = x[0:4, 0:8]
    x[0, 0] = tw.argmax(v, axis=(0, 1))  # error: argmax along several axes, expected one or None
#             ^^^^^^^^^^^^^^^^^^^^^^^^^
# note: `tw.reshape` makes one axis of neighbours
