"""An error in a function shows who called it."""

# signature: i32[:], i32

@tw.func
def pick(x, n):
    return x[n, n]  # error: the array `x` of type i32[:] has 1 axis, the index has 2
#          ^^^^^^^
# note: leave out an index; a value gets axes with `v[:, None]`


@tw.kernel
def kernel(x, n):
    x[0] = pick(x, n)
