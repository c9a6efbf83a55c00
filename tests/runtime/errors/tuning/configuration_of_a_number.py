"""A configuration sets constexprs, no other parameters."""

# class: CompileError


@tw.autotune(configs=[tw.Config(BLOCK=64, n=1)])  # error: Config(BLOCK=64, n=1) sets `n`, which is no constexpr parameter of kernel
# note: annotate it: `n: tw.constexpr`
@tw.kernel
def kernel(x, n, BLOCK: tw.constexpr):
    x[tw.program_id(0) * BLOCK + tw.arange(BLOCK)] = n
