"""A function returns a value on every path or on none."""

# signature: f32[:], i32

@tw.func
def pick(x, n):
    if n > 3:  # error: `pick` ends here without a value, but returns f32 at returns_a_value_on_one_path.py:10:9
#   ^^^^^^^^^
# note: return a value on every path
        return x[0]


@tw.kernel
def kernel(x, n):
    x[0] = pick(x, n)
