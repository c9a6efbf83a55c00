"""A constexpr is a number, a string, a dtype, a tuple, None or a function."""

# class: CompileError


class A: pass


@tw.kernel
def kernel(x, out, B: tw.constexpr):  # error: the constexpr `B` is an A; of outside values kernels may use constants, dtypes, `@tw.func` functions and modules
#                  ^^^^^^^^^^^^^^^
# note: a constexpr is a number, a string, a dtype, a tuple, None or a function
    out[0] = 1.0


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out, A())
