"""`is` is decided when compiling."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    if x[0] is x[1]:  # error: `is` of f32 and f32
#      ^^^^^^^^^^^^
# note: compare values with `==`; `is` is for None, dtypes and other constants
        x[0] = 1
