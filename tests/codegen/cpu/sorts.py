"""A row is sorted by way of words; what is taken by positions is read where the row is kept."""

import tilewright as tw

SIGNATURE = "f32[:, ::1], f32[::1], i32[::1], i32[::1]; narrow, disjoint"
CONSTANTS = {"M": 40, "N": 100}


@tw.kernel
def kernel(x, best, where, counts, M: tw.constexpr, N: tw.constexpr):
    """The largest of a row, columns in order, and how often what is in order."""
    v = x[0:M, 0:N]
    best[0:8], where[0:8] = tw.topk(v[0], 8)
    order = tw.argsort(tw.sort(v, 0), 1, descending=True)
    counts[0:50] = tw.histogram(order, 50)
