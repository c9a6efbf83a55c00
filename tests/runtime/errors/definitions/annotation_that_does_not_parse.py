"""An annotation in quotes is a type of the language."""

# class: CompileError
# way out: write a type such as `f32[:, ::1]`


@tw.kernel
def kernel(x: "f32[", out):  # error: annotation of parameter `x`: type 'f32[', column 5: found the end, expected an axis: `:`, `::1`, `16`, `16::1`
#          ^^^^^^^^^
    out[0] = x[0]


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
kernel[1](x, out)
