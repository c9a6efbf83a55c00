"""Tiles broadcast as in NumPy."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    v = tw.zeros(8) + tw.zeros(5)  # error: shapes (8,) and (5,) do not broadcast: found f32<8> and f32<5>
#       ^^^^^^^^^^^^^^^^^^^^^^^^^
# note: extents are compared from the last axis and must be equal or 1; `v[:, None]` adds an axis
