"""A key names parameters, or plain attributes of them."""

# class: CompileError


@tw.autotune(configs=[tw.Config(BLOCK=64), tw.Config(BLOCK=256)], key=["x.shape[0] // 2"])  # error: `key` of kernel: 'x.shape[0] // 2' is neither a parameter nor a plain attribute of one
# note: write `n`, `a.shape[1]`, `a.shape`, `a.strides[0]`, `a.size`, `a.ndim` or `a.dtype`
@tw.kernel
def kernel(x, n, BLOCK: tw.constexpr):
    x[tw.program_id(0) * BLOCK + tw.arange(BLOCK)] = n
