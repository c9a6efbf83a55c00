"""`&`, `|`, `^` and shifts are for integers and booleans."""

# signature: f32[::1], f32[::1]
# way out: cast with `.to(tw.i32)`, or compare first

@tw.kernel
def kernel(x, out):
    out[0:4] = x[0:4] & 1  # error: `&` of f32<4> and the constant 1, expected integers or booleans
#              ^^^^^^^^^^
