"""Constants stay within reason."""

# signature: f32[::1], f32[::1]
# way out: compute it as a float: `10.0 ** n`

@tw.kernel
def kernel(x, out):
    out[0] = 10 ** 100000000  # error: `**` of 10 and 100000000 is too large
#            ^^^^^^^^^^^^^^^
