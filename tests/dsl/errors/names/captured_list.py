"""Of outside values only constants, dtypes, functions and modules may be used."""

# signature: f32[:]

table = [1, 2, 3]


@tw.kernel
def kernel(x):
    x[0] = table[1]  # error: `table` is a list; of outside values kernels may use constants, dtypes, `@tw.func` functions and modules
#          ^^^^^
# note: pass it as an argument
