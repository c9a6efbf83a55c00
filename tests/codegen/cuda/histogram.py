"""Atomics: counts of a block in shared memory, which are then added to those of all."""

import tilewright as tw

SIGNATURE = "u8[::1]{aligned, even}, i32[::1], i32[::1]; narrow, disjoint"
CONSTANTS = {"BINS": 256, "BLOCK": 4096}


@tw.kernel
def kernel(x, counts, last, BINS: tw.constexpr, BLOCK: tw.constexpr):
    """How many there are of each; what the count of zeros was before."""
    v = x[tw.block(tw.program_id(0) * BLOCK, BLOCK)].to(tw.i32)
    h = tw.histogram(v, BINS)
    tw.atomic_add(counts, tw.arange(BINS), h, mask=h > 0)
    last[tw.program_id(0)] = tw.atomic_add(counts, 0, 0)
