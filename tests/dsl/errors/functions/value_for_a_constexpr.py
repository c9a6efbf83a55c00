"""A constexpr parameter takes a constant."""

# signature: f32[:], i32

@tw.func
def block(n: tw.constexpr):
    return tw.arange(n)


@tw.kernel
def kernel(x, n):
    x[block(n)] = 1  # error: parameter `n` of `block` is a constexpr, found `n` of type i32
#     ^^^^^^^^
# where: value_for_a_constexpr.py:11:15: `n` is a parameter
# note: pass a constant, or take the annotation away
