"""Functions on tiles take values and numbers."""

# signature: f32[::1], f32[::1]
# way out: pass a number or a tile

@tw.kernel
def kernel(x, out):
    out[0] = tw.exp("a")  # error: expected a value or a number, found the string 'a'
#            ^^^^^^^^^^^
