"""`tw.static_assert` holds when compiling."""

# signature: f32[::1], f32[::1]
# way out: change the constant

@tw.kernel
def kernel(x, out, B: tw.constexpr = 4):
    tw.static_assert(B % 16 == 0, "B must be a multiple of 16")  # error: static assertion failed: B must be a multiple of 16
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    out[0] = 1
