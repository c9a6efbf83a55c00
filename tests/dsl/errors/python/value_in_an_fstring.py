"""An f-string is a constant."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    print(f"x is {x[0]}")  # error: an f-string holds f32, expected a compile-time constant
#                 ^^^^
# note: print values as in `print("x", x)`
