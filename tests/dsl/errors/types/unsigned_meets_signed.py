"""No integer dtype holds `u64` and a signed one."""

# signature: f32[::1], f32[::1]

@tw.kernel
def kernel(x, out):
    i = tw.arange(4).to(tw.u64)
    j = tw.arange(4)
    out[0:4] = i + j  # error: `+`: cannot combine u64 with i32: no dtype holds both: found `i` of type u64<4> and `j` of type i32<4>
#              ^^^^^
# where: unsigned_meets_signed.py:7:5: `i` became u64<4> here
# where: unsigned_meets_signed.py:8:5: `j` became i32<4> here
# note: cast one: `.to(tw.u64)` or `.to(tw.i32)`
