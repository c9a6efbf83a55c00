"""Tiles broadcast as in NumPy."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    v = tw.zeros(8) + tw.zeros(5)  # error: shapes (8,) and (5,) do not broadcast: found f32<8> and f32<5>
#       ^^^^^^^^^^^^^^^^^^^^^^^^^
