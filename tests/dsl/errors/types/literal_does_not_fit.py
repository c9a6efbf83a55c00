"""A literal must fit the other side."""

# signature: u8[:]

@tw.kernel
def kernel(x):
    x[0] = x[1] + 300  # error: the literal 300 does not fit u8 beside u8, expected 0 to 255
#          ^^^^^^^^^^
# note: cast the other side to a wider dtype: `.to(...)`
