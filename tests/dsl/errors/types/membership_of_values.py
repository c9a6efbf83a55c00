"""`in` is decided when compiling."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    if n in (1, 2):  # error: `in` of values that are known at run time only
#      ^^^^^^^^^^^
# note: compare them one by one with `==`
        x[0] = 1
