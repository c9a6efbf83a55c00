"""A grid has up to three axes."""

# signature: f32[::1], f32[::1]
# way out: fold axes into one, and take it apart with `//` and `%`

@tw.kernel
def kernel(x, out):
    out[tw.program_id(3)] = 1.0  # error: grid axis 3, expected 0, 1 or 2
#       ^^^^^^^^^^^^^^^^
