"""A target is one of a list."""

# class: CompileError


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


kernel.inspect("f32[:], f32[:]", target="cpu:x87").asm  # error: unknown target 'cpu:x87'
# note: known targets are cpu:x86-64-v3, cpu:x86-64-v4, cpu:x86-64-v4+vnni, cpu:x86-64-v4+bf16, cpu:x86-64-v4+amx, cpu:aarch64
