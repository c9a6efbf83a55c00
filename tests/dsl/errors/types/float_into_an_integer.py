"""An augmented assignment keeps the dtype."""

# signature: i32[:], f32

@tw.kernel
def kernel(x, a):
    count = x[0]
    count += a  # error: an augmented assignment to `count` of type i32 would make it f32
#   ^^^^^^^^^^
# note: write the cast out, as in `count = (...).to(tw.i32)`
    x[0] = count
