"""Operands go through a ring of shared memory; tensor cores multiply them, whichever there are."""

import tilewright as tw

SIGNATURE = (
    "bf16[:, ::1]{aligned, even}, bf16[:, ::1]{aligned, even}, bf16[:, ::1]{aligned, even}; "
    "narrow, disjoint"
)
CONSTANTS = {"BM": 128, "BN": 128, "BK": 64}


@tw.kernel
def kernel(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr):
    """One block of the product."""
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, a.shape[1], BK):
        acc += a[m : m + BM, k : k + BK] @ b[k : k + BK, n : n + BN]
    c[m : m + BM, n : n + BN] = acc
