"""A loop over a range assigns to one name."""

# signature: f32[:], i32
# way out: write `for i in range(n)`; `enumerate` and `zip` take tuples

@tw.kernel
def kernel(x, n):
    for a, b in range(n):  # error: a loop over `range` assigns to one name
#       ^^^^
        x[a] = b
