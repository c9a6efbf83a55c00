"""A range has scalar bounds."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    for k in range(tw.arange(8)):  # error: a range takes integer scalars, found i32<8>
#            ^^^^^^^^^^^^^^^^^^^
# note: loop to `tw.max(v)`, or with `while` under a tile condition, lane by lane
        x[k] = 1
