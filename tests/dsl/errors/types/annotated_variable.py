"""The annotation of a variable is checked."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    v: tw.f32 = n  # error: `n` of type i32 is assigned to a variable annotated f32
#   ^^^^^^^^^^^^^
# note: cast it: `.to(tw.f32)`
    x[0] = v
