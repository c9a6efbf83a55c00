"""A product of `f32` that keeps all bits: each thread adds up a piece of it in registers."""

import tilewright as tw

SIGNATURE = (
    "f32[:, ::1]{aligned, even}, f32[:, ::1]{aligned, even}, f32[:, ::1]{aligned, even}; "
    "narrow, disjoint"
)
CONSTANTS = {"BM": 128, "BN": 128, "BK": 16}


@tw.kernel
def kernel(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr):
    """One block of the product."""
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, a.shape[1], BK):
        acc += a[m : m + BM, k : k + BK] @ b[k : k + BK, n : n + BN]
    c[m : m + BM, n : n + BN] = acc
