"""A tile condition is boolean."""

# signature: i32[:]

@tw.kernel
def kernel(x):
    i = tw.arange(8)
    if x[i]:  # error: the condition is i32<8>, expected a boolean tile
#      ^^^^
# note: compare it with something, as in `v != 0`
        x[i] = 1
