"""Bits of floats are not combined."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    tw.atomic_or_(x, 0, 1)  # error: atomic_or_ of elements of type f32, expected an integer or bool_
#   ^^^^^^^^^^^^^^^^^^^^^^
# way out: `tw.atomic_xchg` and `tw.atomic_cas` take any dtype
