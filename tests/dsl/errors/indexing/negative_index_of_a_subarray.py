"""A sub-array is taken at integers."""

# signature: f32[:, :], f32

@tw.kernel
def kernel(x, a):
    row = x[a]  # error: an index is `a` of type f32, expected an integer
#           ^
# where: negative_index_of_a_subarray.py:6:15: `a` is a parameter
# note: cast it: `.to(tw.i32)`
