"""An unrolled loop has constant bounds."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    for k in tw.static_range(n):  # error: a bound of static_range must be a constant integer, found `n` of type i32
#            ^^^^^^^^^^^^^^^^^^
# where: static_range_of_a_value.py:6:15: `n` is a parameter
# note: make `n` a constant: a parameter annotated `tw.constexpr`
        x[k] = 1
