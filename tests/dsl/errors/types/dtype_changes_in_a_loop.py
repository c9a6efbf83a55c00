"""A strong dtype does not change in a loop."""

# signature: f32[:], f64[:], i32

@tw.kernel
def kernel(x, y, n):
    total = x[0]
    for k in range(n):
        total = total + y[k]  # error: `total` is f64 here but f32 at dtype_changes_in_a_loop.py:7:5
#       ^^^^^
# note: give both one dtype, as with `.to(tw.f32)`
    x[0] = total
