"""A shape grows only from a scalar to a tile."""

# signature: f32[:, :], i32

@tw.kernel
def kernel(x, n):
    v = tw.zeros((8, 1))
    for k in range(n):
        v = v + tw.zeros((8, 4))  # error: `v` is f32<8x4> here but f32<8x1> at shape_changes_in_a_loop.py:7:5
#       ^
# note: a variable's shape may only grow from a scalar to a tile
    x[tw.arange(8)[:, None], tw.arange(4)] = v
