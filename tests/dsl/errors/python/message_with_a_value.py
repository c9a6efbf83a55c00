"""The message of an assertion is a constant."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    assert x[0] > 0, f"bad {x[0]}"  # error: an f-string holds f32, expected a compile-time constant
#                           ^^^^
# note: print values as in `print("x", x)`
