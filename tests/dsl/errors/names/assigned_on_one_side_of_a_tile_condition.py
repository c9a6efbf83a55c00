"""The same holds where the condition is a tile."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    i = tw.arange(8)
    if i > n:
        value = 1.0
    x[i] = value  # error: `value` may be unassigned here: it is assigned on one side of the `if` at assigned_on_one_side_of_a_tile_condition.py:8:8
#          ^^^^^
# note: assign `value` before that `if`
