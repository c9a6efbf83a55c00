"""`topk` takes no more elements than there are."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    v = x[0:8]
    best, where = tw.topk(v, 9)  # error: the 9 largest of 8 elements of `v` of type f32<8>, expected a `k` of 1 to 8
#                 ^^^^^^^^^^^^^
# where: topk_of_too_many.py:7:5: `v` became f32<8> here
# way out: take fewer, or a larger tile
    x[0] = best[0]
