"""`tw.static_assert` is about constants."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out, B: tw.constexpr = 4):
    B = tw.arange(4)
    out[B] = B
    tw.static_assert(x[0] > 0, "no")  # error: a static assertion of bool_, expected a constant
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
# note: `assert` and `tw.device_assert` check when the kernel runs
