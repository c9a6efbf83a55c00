"""An annotation is a type."""

# class: CompileError


@tw.kernel
def kernel(x: [1], out):  # error: annotation of parameter `x`: found [1], expected a type
#          ^^^^^^
# note: write `tw.f32`, `"f32[:]"`, `tw.Array` or `tw.constexpr`
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
