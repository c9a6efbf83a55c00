"""A loop variable is there after the loop only if it surely ran."""

# signature: f32[::1], f32[::1], i32

@tw.kernel
def kernel(x, out, n: tw.i32):
    for i in range(n):
        v = x[i]
    out[i] = 0.0  # error: `i` may be unassigned here: the loop at loop_variable_after_the_loop.py:7:5 may not run
#       ^
# note: assign `i` before that loop
