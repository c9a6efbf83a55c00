"""An axis is a constant."""

# signature: f32[::1], f32[::1], i32

@tw.kernel
def kernel(x, out, n: tw.i32):
    i = tw.arange(4)
    out[0] = tw.sum(i, axis=n)  # error: axis must be a constant, found `n` of type i32
#            ^^^^^^^^^^^^^^^^^
# where: axis_that_is_no_constant.py:6:20: `n` is a parameter
# note: make `n` a constant: a parameter annotated `tw.constexpr`
