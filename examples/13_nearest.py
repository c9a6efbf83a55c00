"""`argmin` and rank-3 tiles: which of a few centres is nearest to each point."""

import numpy as np

import tilewright as tw


@tw.kernel
def nearest(points, centres, label, away, BLOCK: tw.constexpr, K: tw.constexpr, D: tw.constexpr):
    """The index of the nearest centre of each point, and the distance to it, squared."""
    i = tw.program_id(0) * BLOCK
    apart = points[i : i + BLOCK, 0:D][:, None, :] - centres[0:K, 0:D][None, :, :]
    squared = tw.sum(apart * apart, axis=2)
    label[i : i + BLOCK] = tw.argmin(squared, axis=1)
    away[i : i + BLOCK] = tw.min(squared, axis=1)


rng = np.random.default_rng()
points = rng.standard_normal((10_007, 5), dtype=np.float32)
centres = rng.standard_normal((12, 5), dtype=np.float32)
label, distance = np.empty(len(points), np.int32), np.empty(len(points), np.float32)

nearest[tw.cdiv(len(points), 64)](points, centres, label, distance, BLOCK=64, K=12, D=5)

exact = ((points[:, None, :].astype(np.float64) - centres) ** 2).sum(2)
np.testing.assert_allclose(distance, exact.min(1), rtol=1e-5)
np.testing.assert_allclose(exact[np.arange(len(points)), label], exact.min(1), rtol=1e-6)
print(f"nearest: {len(points)} points, {len(centres)} centres")
