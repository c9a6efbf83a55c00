"""F-strings are formatted by Python."""

# signature: f32[::1]


@tw.kernel
def kernel(x, n: tw.constexpr = 3):
    tw.static_print(f"{n:zz}")  # error: the format 'zz' of the constant 3: Unknown format code 'z' for object of type 'int'
#                      ^
# note: f-strings are formatted by Python, when compiling
    x[0] = n
