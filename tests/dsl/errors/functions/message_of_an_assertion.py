"""The message of an assertion is a constant."""

# signature: f32[:], i32
# way out: print the value before: `print("n is", n)`

@tw.kernel
def kernel(x, n):
    assert n > 0, n  # error: the message of `assert` is `n` of type i32, expected a constant string
#   ^^^^^^^^^^^^^^^
