"""A dtype has one of the names of the language."""

# signature: f32[::1]

@tw.kernel
def kernel(x):
    i = tw.zeros(4, "f33")  # error: there is no dtype 'f33'
#       ^^^^^^^^^^^^^^^^^^
# note: dtypes are bool_, i8, i16, i32, i64, u8, u16, u32, u64, f16, bf16, f32, f64, f8e4m3, f8e5m2, index
    x[0] = tw.sum(i)
