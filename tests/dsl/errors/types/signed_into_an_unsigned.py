"""As NumPy's in-place operators, an augmented assignment does not lose a sign."""

# signature: u32[:], i32

@tw.kernel
def kernel(x, n):
    x[0] += n  # error: an augmented assignment to `x[0]` of type u32 would make it i64
#   ^^^^^^^^^
# note: write the cast out, as in `x[0] = (...).to(tw.u32)`
