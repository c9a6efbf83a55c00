"""A strong dtype does not change in a loop over a tile condition either."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    v = tw.arange(8)
    while v < n:
        v = v * 0.5  # error: `v` is f32<8> here but i32<8> at dtype_changes_in_a_while_loop.py:7:5
#       ^
# note: give both one dtype, as with `.to(tw.i32)`
    x[v] = 1
