"""A `@tw.func` is called by kernels."""

# class: Error
# way out: call it from a kernel, or keep the plain function as well


@tw.func
def f(a):
    return a


f(3)  # error: `f` is a @tw.func: it exists only in kernels, call it from one
