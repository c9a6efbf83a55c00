"""A prefix sum longer than a tile: scan blocks, scan their totals, add what came before."""

import numpy as np

import tilewright as tw


@tw.kernel
def scan_blocks(x, out, totals, BLOCK: tw.constexpr):
    """Running sums within each block of `x`, and the sum of each block."""
    p = tw.program_id(0)
    v = tw.cumsum(x[p * BLOCK : (p + 1) * BLOCK])
    out[p * BLOCK : (p + 1) * BLOCK] = v
    totals[p] = v[BLOCK - 1]


@tw.kernel
def scan_totals(totals, BLOCK: tw.constexpr):
    """Turn the sums of the blocks into what stands before each block, in place."""
    v = totals[0:BLOCK]
    totals[0:BLOCK] = tw.cumsum(v) - v


@tw.kernel
def add_before(out, totals, BLOCK: tw.constexpr):
    """Add to each block what stands before it."""
    p = tw.program_id(0)
    out[p * BLOCK : (p + 1) * BLOCK] = out[p * BLOCK : (p + 1) * BLOCK] + totals[p]


x = np.random.default_rng().integers(-1000, 1000, 500_009, dtype=np.int64)
out = np.empty_like(x)
blocks = tw.cdiv(x.size, 1024)
totals = np.empty(blocks, np.int64)

scan_blocks[blocks](x, out, totals, BLOCK=1024)
scan_totals[1](totals, BLOCK=512)
add_before[blocks](out, totals, BLOCK=1024)

np.testing.assert_array_equal(out, np.cumsum(x))
print(f"prefix sum: {x.size} integers in {blocks} blocks, exactly as NumPy has them")
