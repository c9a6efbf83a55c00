"""A name assigned in a loop is not there after it, unless the loop surely runs."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    for k in range(n):
        value = x[k]
    x[0] = value  # error: `value` may be unassigned here: the loop at assigned_in_a_loop_that_may_not_run.py:7:5 may not run
#          ^^^^^
# note: assign `value` before that loop
