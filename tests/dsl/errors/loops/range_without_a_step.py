"""A range has a step."""

# signature: f32[::1], f32[::1]
# way out: leave the step out, or write another than 0

@tw.kernel
def kernel(x, out):
    for v in range(0, 4, 0):  # error: a range with the step 0
#            ^^^^^^^^^^^^^^
        out[0] = v
