"""Strings are constants, and follow Python's rules."""

# signature: f32[::1], f32[::1]
# way out: write numbers as text: `"a1"`

@tw.kernel
def kernel(x, out):
    out[0] = "a" + 1  # error: `+` of the string 'a' and the constant 1: can only concatenate str (not "int") to str
#            ^^^^^^^
