"""There is something to choose from."""

# class: CompileError


@tw.autotune(configs=[])  # error: `configs` of kernel is empty
# note: give at least one, as in tw.Config(BLOCK=256)
@tw.kernel
def kernel(x, n, BLOCK: tw.constexpr):
    x[tw.program_id(0) * BLOCK + tw.arange(BLOCK)] = n
