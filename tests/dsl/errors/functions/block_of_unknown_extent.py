"""`tw.block(start, N)` has a constant extent."""

# signature: f32[::1], f32[::1], i32

@tw.kernel
def kernel(x, out, n: tw.i32):
    out[tw.block(0, n)] = 1.0  # error: the extent of a block must be a constant integer, found `n` of type i32
#       ^^^^^^^^^^^^^^
# where: block_of_unknown_extent.py:6:20: `n` is a parameter
# note: make `n` a constant: a parameter annotated `tw.constexpr`
