"""`and` of tiles takes boolean ones."""

# signature: i32[:]

@tw.kernel
def kernel(x):
    i = tw.arange(8)
    x[i] = tw.where(x[i] and i > 3, 1, 0)  # error: the left of `and` is i32<8>, expected a boolean tile
#                   ^^^^^^^^^^^^^^
# note: compare it with something, as in `v != 0`
