"""`n = n + pid` is an index value, which an `i32` variable does not become."""

# signature: i32[:], i32

@tw.kernel
def kernel(x, n):
    while n < 100:
        n = n + tw.num_programs(0)  # error: `n` is index here but i32 at index_meets_i32_in_a_loop.py:6:15
#       ^
# note: give both one dtype, as with `.to(tw.i32)`
    x[0] = n
