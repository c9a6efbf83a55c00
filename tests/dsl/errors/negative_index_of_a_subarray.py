"""A sub-array is taken at integers."""

# signature: f32[:, :], f32

@tw.kernel
def kernel(x, a):
    row = x[a]  # error: an index is `a` of type f32, expected an integer
#           ^
# note: cast it: `.to(tw.i32)`
