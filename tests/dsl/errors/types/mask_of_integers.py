"""A mask is boolean."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    i = tw.arange(8)
    out[i] = tw.load(x, i, mask=i)  # error: the mask must be bool_, found `i` of type i32<8>
#            ^^^^^^^^^^^^^^^^^^^^^
# where: mask_of_integers.py:7:5: `i` became i32<8> here
# note: compare: `i < n`
