"""An unrolled loop has constant bounds."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    for k in tw.static_range(n):  # error: a bound of static_range must be a constant integer, found `n` of type i32
#            ^^^^^^^^^^^^^^^^^^
# note: make it a `tw.constexpr`
        x[k] = 1
