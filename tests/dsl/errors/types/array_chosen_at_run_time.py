"""Which array is meant is known when compiling."""

# signature: f32[:], f32[:], i32

@tw.kernel
def kernel(x, y, n):
    if n > 3:
        z = x
    else:
        z = y  # error: `z` is the array y here but the array x at array_chosen_at_run_time.py:8:9
#       ^
# note: only numbers and tiles are chosen at run time; use a constexpr condition
    z[0] = 1
