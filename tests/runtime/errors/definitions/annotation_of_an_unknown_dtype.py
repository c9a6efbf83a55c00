"""Dtypes have their short names."""

# class: CompileError


@tw.kernel
def kernel(x: "float32[:]", out):  # error: annotation of parameter `x`: type 'float32[:]', column 1: there is no dtype `float32`
#          ^^^^^^^^^^^^^^^
# note: dtypes are bool_, i8, i16, i32, i64, u8, u16, u32, u64, f16, bf16, f32, f64, f8e4m3, f8e5m2
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
