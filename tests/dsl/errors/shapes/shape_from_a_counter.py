"""A variable that changes in a loop is no constant."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    size = 1
    for k in range(n):
        v = tw.zeros(size)  # error: an extent of the shape must be a constant integer, found `size` of type i32
#           ^^^^^^^^^^^^^^
# where: shape_from_a_counter.py:7:5: `size` became i32 here
# note: make `size` a constant: a parameter annotated `tw.constexpr`
        size = size * 2
