"""Facts in a signature are `aligned`, `even`, `narrow` and `disjoint`."""

# class: CompileError
# way out: write `aligned` or `even` in braces


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


kernel.inspect("f32[:]{alined}, f32[:]").asm  # error: signature 'f32[:]{alined}, f32[:]', column 8: found `alined`, expected a fact about an array: aligned or even
