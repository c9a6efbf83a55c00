"""None is no number."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    best = None
    for k in range(n):
        best = x[k]  # error: `best` is f32 here but None at none_meets_a_value.py:7:5
#       ^^^^
# note: only numbers and tiles are chosen at run time; use a constexpr condition
    x[0] = best
