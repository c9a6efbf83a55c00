"""Functions are inlined, so they do not call themselves."""

# signature: i32[:], i32

@tw.func
def factorial(n):
    if n <= 1:
        return 1
    return n * factorial(n - 1)  # error: `factorial` calls itself; functions are inlined, so recursion has no end
#              ^^^^^^^^^^^^^^^^
# note: write a loop


@tw.kernel
def kernel(x, n):
    x[0] = factorial(n)
