"""A tile index needs an index for every axis."""

# signature: f32[:, ::1], f32[::1]

@tw.kernel
def kernel(m, out):
    i = tw.arange(4)
    out[i] = m[i]  # error: the array `m` of type f32[:, ::1] has 2 axes, the index has 1
#            ^^^^
# note: fewer indices than axes are for scalars, which give a sub-array; give a slice or an index for every axis
