"""Tiles that are joined agree in all other extents."""

# signature: f32[::1], f32[:, ::1]
# way out: join tiles of one shape, or reshape them first

@tw.kernel
def kernel(x, o2):
    o2[0:8, 0:8] = tw.cat((o2[0:4, 0:8], o2[0:4, 0:4]), 0)  # error: cannot join tiles of shapes (4, 8) and (4, 4) along axis 0: their other extents differ
#                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
