"""Loops run over ranges and constant tuples."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    for v in tw.arange(8):  # error: cannot loop over i32<8>
#            ^^^^^^^^^^^^
# note: loop over `range(...)`, `tw.static_range(...)` or a tuple
        x[v] = 1
