"""The index of `gather` has the rank of what it takes from."""

# signature: f32[:, :], i32[:]

@tw.kernel
def kernel(x, n):
    v, index = x[0:4, 0:8], n[0:8]
    x[0, 0:8] = tw.gather(v, index, 1)  # error: cannot gather from `v` of type f32<4x8> at `index` of type i32<8> along axis 1
#               ^^^^^^^^^^^^^^^^^^^^^^
# where: gather_with_another_rank.py:7:5: `v` became f32<4x8> here
# note: the index must have 2 axes, and agree in all but axis 1
