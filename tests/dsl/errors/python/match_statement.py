"""There is no `match`."""

# signature: f32[:], i32

@tw.kernel
def kernel(x, n):
    match n:  # error: `match` is not supported in kernels
#   ^^^^^^^^
# note: use `if` and `elif`
        case 1:
            x[0] = 1
