"""A permutation names every axis once."""

# signature: f32[:, ::1], f32[:, ::1]

@tw.kernel
def kernel(m, o2):
    o2[0:8, 0:8] = tw.permute(m[0:8, 0:8], (0, 0))  # error: axes (0, 0) are no order of the 2 axes of f32<8x8>
#                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
# note: name each of them once, as in `(1, 0)`
