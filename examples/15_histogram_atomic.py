"""A histogram of many bins: programs count side by side, and atomics lose nothing.

Each program adds what its block holds to counters that all of them share, an atomic for each value.
A bin past the last one lies outside the array, where an atomic does nothing.
"""

import numpy as np

import tilewright as tw


@tw.kernel
def histogram(x, low, width, counts, BLOCK: tw.constexpr = 4096):
    """`counts[k]`: how many values lie in bin k, which begins at `low + k * width`."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    v = tw.load(x, i)
    bins = ((v - low) / width).to(tw.i64)
    tw.atomic_add(counts, bins, 1, mask=(i < x.size) & (v >= low))


@tw.kernel
def ranges(x, low, high, BLOCK: tw.constexpr = 4096):
    """The least and the largest of all values."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    tw.atomic_min(low, 0, tw.min(tw.load(x, i, fill=float("inf"))))
    tw.atomic_max(high, 0, tw.max(tw.load(x, i, fill=-float("inf"))))


def main() -> None:
    """Count a million normal values in 1000 bins, beside NumPy."""
    rng = np.random.default_rng()
    x = rng.standard_normal(1_000_003, dtype=np.float32)
    low, high = np.full(1, np.inf, np.float32), np.full(1, -np.inf, np.float32)
    grid = tw.cdiv(x.size, 4096)
    ranges[grid](x, low, high)
    assert (low[0], high[0]) == (x.min(), x.max())

    counts = np.zeros(1000, np.int64)
    width = np.float32(0.0078125)  # a power of two: where a bin begins is exact
    histogram[grid](x, np.float32(-4), width, counts)
    bins = ((x + np.float32(4)) / width).astype(np.int64)
    inside = (x >= -4) & (bins < 1000)
    assert np.array_equal(counts, np.bincount(bins[inside], minlength=1000))
    print(f"{counts.sum()} of {x.size} values between {-4} and {-4 + 1000 * width}")


if __name__ == "__main__":
    main()
