"""An unrolled loop is left at compile time only."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    for k in tw.static_range(4):
        if k > n:
            break  # error: `break` under a run-time condition in an unrolled loop
#           ^^^^^
# note: loop over `range(...)`, or put the rest of the body under the opposite condition
        x[k] = 1
