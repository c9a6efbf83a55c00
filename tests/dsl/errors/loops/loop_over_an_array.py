"""Arrays are read at indices."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    for v in x:  # error: cannot loop over the array `x` of type f32[::1]
#            ^
# note: loop over `range(...)`, `tw.static_range(...)` or a tuple
        out[0] = v
