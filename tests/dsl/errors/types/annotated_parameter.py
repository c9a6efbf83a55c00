"""The dtype of an annotated parameter is checked."""

# signature: f32[:], i32

@tw.func
def half(v: tw.f32):
    return v / 2


@tw.kernel
def kernel(x, n):
    x[0] = half(n)  # error: parameter `v` of `half` is annotated f32, found `n` of type i32
#          ^^^^^^^
# where: annotated_parameter.py:11:15: `n` is a parameter
# note: cast it: `.to(tw.f32)`
