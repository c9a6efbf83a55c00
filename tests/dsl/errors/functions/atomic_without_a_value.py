"""The value of an atomic is needed."""

# signature: i32[:]

@tw.kernel
def kernel(x):
    tw.atomic_cas(x, 0, 1)  # error: atomic_cas: argument `value` is missing
#   ^^^^^^^^^^^^^^^^^^^^^^
# way out: `tw.atomic_cas(x, 0, 1, 2)`
