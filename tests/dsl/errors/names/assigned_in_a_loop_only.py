"""A loop may run no round at all."""

# signature: f32[::1], f32[::1], i32

@tw.kernel
def kernel(x, out, n: tw.i32):
    for i in range(n):
        v = x[i]
    out[0] = v  # error: `v` may be unassigned here: the loop at assigned_in_a_loop_only.py:7:5 may not run
#            ^
# note: assign `v` before that loop
