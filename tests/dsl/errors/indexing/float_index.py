"""An index is an integer."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    x[0] = x[x[1]]  # error: an index is f32, expected an integer
#            ^^^^
# note: cast it: `.to(tw.i32)`
