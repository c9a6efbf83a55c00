"""An error in a function shows its line and the call."""

# signature: f32[::1], f32[::1]

@tw.func
def f(a):
    return a + tw.arange(3)  # error: shapes (4,) and (3,) do not broadcast: found f32<4> and i32<3>
#          ^^^^^^^^^^^^^^^^
# note: extents are compared from the last axis and must be equal or 1; `v[:, None]` adds an axis

@tw.kernel
def kernel(x, out):
    out[0] = f(x[0:4])
