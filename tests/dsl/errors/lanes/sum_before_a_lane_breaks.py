"""Lanes that broke are off in all of the next round."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    i = tw.arange(8)
    v = x[i]
    for k in range(n):
        total = tw.sum(v)  # error: `sum` mixes lanes, and some may be off after the `break` at sum_before_a_lane_breaks.py:14:13
#               ^^^^^^^^^
# note: compute it before that, or choose with `tw.where` instead of branching
        if v > total:
            break
        v = v + 1
    x[i] = v
