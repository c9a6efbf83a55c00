"""There are no classes."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    class Pair:  # error: a class is not supported in kernels
#   ^^^^^^^^^^^
# note: define it outside, as a NamedTuple or a frozen dataclass
        pass
