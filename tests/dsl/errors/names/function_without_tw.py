"""The functions of the language are attributes of `tw`."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    i = arange(8)  # error: name `arange` is not defined
#       ^^^^^^
# note: write `tw.arange`
    out[i] = x[i]
