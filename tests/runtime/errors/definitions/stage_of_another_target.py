"""Every target has its own stages."""

# class: CompileError


@tw.kernel
def kernel(x, out):
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel.inspect(x, out, target="cpu:x86-64-v3").ptx  # error: there is no stage 'ptx' for cpu:x86-64-v3
# note: its stages are source, ir, ir_optimized, plan, llvm, asm, object
