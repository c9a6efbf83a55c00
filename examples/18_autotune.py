"""Tuning: a matrix product tries several sizes of blocks, and keeps the fastest for each shape."""

import numpy as np

import tilewright as tw


def configs_that_fit(configs, args):
    """Leave out blocks that are larger than the result."""
    rows, columns = args.c.shape
    return [one for one in configs if one.BM <= rows and one.BN <= columns] or configs[:1]


@tw.autotune(
    configs=[tw.Config(BM=64, BN=64), tw.Config(BM=128, BN=64), tw.Config(BM=512, BN=512)],
    key=["c.shape", "a.shape[1]"],
    prune=configs_that_fit,
)
@tw.kernel
def matmul(a, b, c, BM: tw.constexpr, BN: tw.constexpr, BK: tw.constexpr = 64):
    """`c = a @ b`, a block of (BM, BN) a program."""
    m, n = tw.program_id(0) * BM, tw.program_id(1) * BN
    acc = tw.zeros((BM, BN), tw.f32)
    for k in range(0, a.shape[1], BK):
        acc += a[m : m + BM, k : k + BK] @ b[k : k + BK, n : n + BN]
    c[m : m + BM, n : n + BN] = acc


rng = np.random.default_rng()
a = rng.standard_normal((300, 200), dtype=np.float32)
b = rng.standard_normal((200, 250), dtype=np.float32)
c = np.empty((300, 250), np.float32)

# What configurations set is left out; the grid sees what was chosen.
matmul[lambda p: (tw.cdiv(300, p.BM), tw.cdiv(250, p.BN))](a, b, c)

error = np.abs(c - a.astype(np.float64) @ b).max()
assert error < 1e-3
(tuned,) = matmul.tuning
assert [one.status for one in tuned.results].count("pruned") == 1
print(f"autotune: {matmul.best(a, b, c)} for {tuned.label}, largest error {error:.1e}")
