"""Atomics share loops with what computes their operands; others wait until they are all done."""

import tilewright as tw

SIGNATURE = "i32[::1], i32[::1], i32[::1], i32[::1]; narrow, disjoint"
CONSTANTS = {"N": 50}


@tw.kernel
def kernel(counts, keys, place, total, N: tw.constexpr):
    """How many have each key, and where each stands among them; the sum of all keys."""
    key = tw.load(keys, tw.arange(N))
    tw.store(place, tw.arange(N), tw.atomic_add(counts, key, 1) + 1)
    tw.atomic_add(total, 0, key)
    tw.atomic_max(counts, 0, counts[key], order="acq_rel")
