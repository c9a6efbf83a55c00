"""The rows of the second factor are the columns of the first."""

# signature: f32[:, ::1], f32[:, ::1]

@tw.kernel
def kernel(m, o2):
    a = m[0:8, 0:4]
    b = m[0:8, 0:4]
    o2[0:8, 0:4] = a @ b  # error: cannot multiply tiles of shape (8, 4) and (8, 4)
#                  ^^^^^
# note: the second tile must have 4 rows; did you mean `a @ b.T`?
