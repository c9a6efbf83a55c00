"""A choice depends on what is known before it is made."""

# class: CompileError


@tw.autotune(configs=[tw.Config(BLOCK=64), tw.Config(BLOCK=256)], key=["BLOCK"])  # error: `key` of kernel: 'BLOCK': configurations set `BLOCK`, so a choice cannot depend on it
# note: name what is known before: extents of arrays, numbers, other constexprs
@tw.kernel
def kernel(x, n, BLOCK: tw.constexpr):
    x[tw.program_id(0) * BLOCK + tw.arange(BLOCK)] = n
