"""A reshape keeps the number of elements."""

# signature: f32[::1], f32[:, ::1]
# way out: take the extents from `v.shape`, or leave one to -1

@tw.kernel
def kernel(x, o2):
    o2[0:3, 0:3] = tw.reshape(x[0:8], (3, 3))  # error: cannot reshape f32<8> to (3, 3): it has 8 elements
#                  ^^^^^^^^^^^^^^^^^^^^^^^^^^
