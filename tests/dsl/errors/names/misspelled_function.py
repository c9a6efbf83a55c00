"""Names of the language are spelled as in the reference."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    i = tw.arrange(8)  # error: `tw` has no attribute `arrange`
#       ^^^^^^^^^^
# note: did you mean `tw.arange`?
    out[i] = x[i]
