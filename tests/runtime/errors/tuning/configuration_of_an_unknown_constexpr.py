"""A configuration sets constexprs of the kernel."""

# class: CompileError


@tw.autotune(configs=[tw.Config(BLOK=64)])  # error: Config(BLOK=64) sets `BLOK`, which is no parameter of kernel
# note: did you mean `BLOCK`?
@tw.kernel
def kernel(x, n, BLOCK: tw.constexpr):
    x[tw.program_id(0) * BLOCK + tw.arange(BLOCK)] = n
