"""Two products with a softmax between them, whose result is the operand of the second."""

import tilewright as tw

SIGNATURE = (
    "bf16[:, ::1]{aligned, even}, bf16[:, ::1]{aligned, even}, bf16[:, ::1]{aligned, even}, "
    "bf16[:, ::1]{aligned, even}; narrow, disjoint"
)
CONSTANTS = {"BM": 64, "BN": 64, "D": 64}


@tw.kernel
def kernel(q, k, v, out, BM: tw.constexpr, BN: tw.constexpr, D: tw.constexpr):
    """Causal attention of a block of rows, over what stands before them."""
    first = tw.program_id(0) * BM
    rows = first + tw.arange(BM)
    queries = q[first : first + BM, 0:D]
    top = tw.full(BM, -1e30, tw.f32)
    total = tw.zeros(BM, tw.f32)
    acc = tw.zeros((BM, D), tw.f32)
    for begin in range(0, first + BM, BN):
        scores = queries @ k[begin : begin + BN, 0:D].T * 0.125
        columns = begin + tw.arange(BN)
        scores = tw.where(columns[None, :] <= rows[:, None], scores, -1e30)
        higher = tw.maximum(top, tw.max(scores, axis=1))
        e = tw.exp(scores - higher[:, None])
        kept = tw.exp(top - higher)
        total = total * kept + tw.sum(e, axis=1)
        acc = acc * kept[:, None] + e.to(tw.bf16) @ v[begin : begin + BN, 0:D]
        top = higher
    out[first : first + BM, 0:D] = acc / total[:, None]
