"""`broadcast_to` follows NumPy's rule."""

# signature: f32[::1], f32[:, ::1]

@tw.kernel
def kernel(x, o2):
    o2[0:8, 0:8] = tw.broadcast_to(x[0:4], (8, 8))  # error: cannot broadcast f32<4> to shape (8, 8)
#                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
# note: extents are compared from the last axis and must be equal or 1; `v[:, None]` adds an axis
