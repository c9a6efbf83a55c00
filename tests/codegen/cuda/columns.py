"""Each thread adds up a pack of columns; what warps have meets in shared memory once a block."""

import tilewright as tw

ARRAY = "f32[:, ::1]{aligned, even}"
SIGNATURE = f"{ARRAY}, {ARRAY}; narrow, disjoint"
CONSTANTS = {"BM": 64, "BN": 64}


@tw.kernel
def kernel(x, out, BM: tw.constexpr, BN: tw.constexpr):
    """Sums of columns, and the largest of each."""
    columns = tw.block(tw.program_id(0) * BN, BN)
    total = tw.zeros(BN, tw.f32)
    most = tw.full(BN, -float("inf"), tw.f32)
    for m in range(0, x.shape[0], BM):
        block = x[m : m + BM, columns]
        total += tw.sum(block, axis=0)
        most = tw.maximum(most, tw.max(block, axis=0))
    out[0, columns] = total
    out[1, columns] = most
