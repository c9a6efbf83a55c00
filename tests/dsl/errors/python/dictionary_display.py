"""There are no dictionaries."""

# signature: f32[:]

@tw.kernel
def kernel(x):
    values = {"a": 1}  # error: a dictionary is not supported in kernels
#            ^^^^^^^^
# note: use variables, a tuple or a NamedTuple
