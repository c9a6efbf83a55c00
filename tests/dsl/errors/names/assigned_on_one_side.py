"""A name assigned on one side of an `if` is not there after it."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    if n > 3:
        value = 1.0
    x[0] = value  # error: `value` may be unassigned here: it is assigned on one side of the `if` at assigned_on_one_side.py:7:8
#          ^^^^^
# note: assign `value` before that `if`
