"""A loop over a range assigns to one name."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    for a, b in range(n):  # error: a loop over `range` assigns to one name
#       ^^^^
        x[a] = b
