"""`topk` and `gather`: the nearest neighbours of each point, and what most of them are called."""

import numpy as np

import tilewright as tw


@tw.kernel
def neighbours(
    points, known, labels, near, vote,
    BLOCK: tw.constexpr, K: tw.constexpr, N: tw.constexpr, D: tw.constexpr,
):  # fmt: skip
    """The K nearest of N known points to each, nearest first, and the label most of them have."""
    i = tw.program_id(0) * BLOCK
    apart = points[i : i + BLOCK, 0:D][:, None, :] - known[0:N, 0:D][None, :, :]
    which = tw.topk(-tw.sum(apart * apart, axis=2), K)[1]
    near[i : i + BLOCK, 0:K] = which

    # Each label counts how many are the same as it; in order, the first of equals is the least.
    name = tw.sort(tw.gather(labels[0:N][None, :], which))
    same = tw.sum((name[:, :, None] == name[:, None, :]).to(tw.i32), axis=2)
    vote[i : i + BLOCK] = tw.gather(name, tw.argmax(same, axis=1)[:, None])[:, 0]


rng = np.random.default_rng()
labels = rng.integers(0, 4, 300, dtype=np.int32)
centres = rng.standard_normal((4, 3), dtype=np.float32) * 3
known = centres[labels] + rng.standard_normal((300, 3), dtype=np.float32)
points = rng.standard_normal((1_001, 3), dtype=np.float32) * 3
near, vote = np.empty((1_001, 7), np.int32), np.empty(1_001, np.int32)

neighbours[tw.cdiv(1_001, 8)](points, known, labels, near, vote, BLOCK=8, K=7, N=300, D=3)

away = ((points[:, None, :].astype(np.float64) - known) ** 2).sum(2)
np.testing.assert_allclose(np.take_along_axis(away, near, 1), np.sort(away, 1)[:, :7], rtol=1e-5)
for row, winner in zip(labels[near], vote, strict=True):
    counts = np.bincount(row, minlength=4)
    assert winner == counts.argmax()  # of equals the least
print(f"neighbours: {len(points)} points, {len(known)} known ones")
