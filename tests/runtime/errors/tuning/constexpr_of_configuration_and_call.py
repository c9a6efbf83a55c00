"""What configurations set, a call leaves out."""

# class: LaunchError


@tw.autotune(configs=[tw.Config(BLOCK=64), tw.Config(BLOCK=256)])
@tw.kernel
def kernel(x, n, BLOCK: tw.constexpr):
    x[tw.program_id(0) * BLOCK + tw.arange(BLOCK)] = n


x = np.zeros(256, np.float32)
kernel[1](x, 1.0, BLOCK=64)  # error: argument 'BLOCK' of kernel is set by its configurations, and by the call
# note: leave it out and pass what follows it by keyword; `kernel.untuned[grid](...)` takes it
