"""Tables of the host stay outside."""

# signature: f32[::1], f32[::1]

L = {"a": 1}
@tw.kernel
def kernel(x, out):
    out[0] = L["a"]  # error: `L` is a dict; of outside values kernels may use constants, dtypes, `@tw.func` functions and modules
#            ^
# note: pass it as an argument
