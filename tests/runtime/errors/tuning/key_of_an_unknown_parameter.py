"""A key names parameters of the kernel."""

# class: CompileError


@tw.autotune(configs=[tw.Config(BLOCK=64), tw.Config(BLOCK=256)], key=["m"])  # error: `key` of kernel: 'm': kernel has no parameter `m`
# note: its parameters are x, n, BLOCK
@tw.kernel
def kernel(x, n, BLOCK: tw.constexpr):
    x[tw.program_id(0) * BLOCK + tw.arange(BLOCK)] = n
