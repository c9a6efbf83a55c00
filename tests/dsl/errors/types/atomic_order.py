"""There are four memory orders."""

# signature: i32[:]

@tw.kernel
def kernel(x):
    tw.atomic_add(x, 0, 1, order="seq_cst")  # error: atomic_add: there is no memory order 'seq_cst'
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
# note: orders are 'relaxed', 'acquire', 'release', 'acq_rel'
