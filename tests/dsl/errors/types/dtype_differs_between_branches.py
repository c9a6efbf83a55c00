"""A variable has one dtype where branches meet."""

# signature: f32[:], i32[:], i32

@tw.kernel
def kernel(x, y, n):
    if n > 3:
        v = x[0]
    else:
        v = y[0]  # error: `v` is i32 here but f32 at dtype_differs_between_branches.py:8:9
#       ^
# note: give both one dtype, as with `.to(tw.f32)`
    x[1] = v
