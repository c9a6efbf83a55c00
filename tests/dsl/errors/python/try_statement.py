"""There is no `try`."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    try:  # error: `try` is not supported in kernels
#   ^^^^
# note: test the condition with `if`; `assert` reports what must not happen
        x[0] = 1
    except ValueError:
        pass
