"""What one configuration sets, all set, or it has a default."""

# class: CompileError


@tw.autotune(configs=[tw.Config(BLOCK=64), tw.Config()])  # error: Config() of kernel does not set `BLOCK`, as others do
# note: set it in every configuration, or give the parameter `BLOCK` a default
@tw.kernel
def kernel(x, n, BLOCK: tw.constexpr):
    x[tw.program_id(0) * BLOCK + tw.arange(BLOCK)] = n
