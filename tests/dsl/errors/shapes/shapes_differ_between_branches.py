"""Two tiles of different shapes cannot meet."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    if n > 3:
        i = tw.arange(4)
    else:
        i = tw.arange(8)  # error: `i` is i32<8> here but i32<4> at shapes_differ_between_branches.py:8:9
#       ^
# note: a variable's shape may only grow from a scalar to a tile
    x[i] = 1
