"""A block size is a `tw.constexpr` parameter."""

# signature: f32[::1], f32[::1], i32

@tw.kernel
def kernel(x, out, BLOCK):
    i = tw.arange(BLOCK)  # error: arange from the constant 0 to `BLOCK` of type i32, expected constants
#       ^^^^^^^^^^^^^^^^
# where: size_that_is_no_constexpr.py:6:20: `BLOCK` is a parameter
# note: make `BLOCK` a constant: a parameter annotated `tw.constexpr`; for a tile that begins at a computed place write `start + tw.arange(N)`
    out[i] = x[i]
