"""A name that Python keeps for itself ends with an underscore here."""

# signature: i32[:]

@tw.kernel
def kernel(flags):
    tw.atomic_or(flags, 0, 1)  # error: `tw` has no attribute `atomic_or`
#   ^^^^^^^^^^^^
# note: did you mean `tw.atomic_or_`?
