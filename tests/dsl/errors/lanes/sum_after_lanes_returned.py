"""After `if i >= n: return` some lanes are off for the rest of the function."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    i = tw.arange(8)
    if i >= n:
        return
    total = tw.sum(x[i])  # error: `sum` mixes lanes, and some may be off after the `return` at sum_after_lanes_returned.py:9:9
#           ^^^^^^^^^^^^
# note: compute it before that, or choose with `tw.where` instead of branching
    x[i] = total
