"""A kernel is a function."""

# class: CompileError


@tw.kernel  # error: `K`, a class, is not a Python function
# note: decorate a `def`
class K:
    pass


x = np.arange(64, dtype=np.float32)
out = np.zeros(64, np.float32)
K[1](x, out)
