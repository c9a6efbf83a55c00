"""`break` in a lane: each element leaves the loop when its own root has been found."""

import numpy as np

import tilewright as tw


@tw.kernel
def kepler(anomaly, eccentricity, out, rounds, BLOCK: tw.constexpr = 256):
    """Solve E - e sin E = M for E with Newton's method; `rounds` gets how many it took."""
    i = tw.program_id(0) * BLOCK + tw.arange(BLOCK)
    m, e = anomaly[i], eccentricity[i]
    x = m + e * tw.sin(m)
    count = tw.zeros(BLOCK, tw.i32)
    for _ in range(50):
        step = (x - e * tw.sin(x) - m) / (1.0 - e * tw.cos(x))
        if abs(step) < 1e-12:
            break
        x -= step
        count += 1
    out[i] = x
    rounds[i] = count


rng = np.random.default_rng()
anomaly, eccentricity = rng.uniform(0, np.pi, 10_000), rng.uniform(0, 0.9, 10_000)
out, rounds = np.empty_like(anomaly), np.empty(anomaly.shape, np.int32)

kepler[tw.cdiv(anomaly.size, 256)](anomaly, eccentricity, out, rounds)

residue = np.abs(out - eccentricity * np.sin(out) - anomaly).max()
assert residue < 1e-11
assert rounds.min() < rounds.max() < 50
print(f"Newton: {out.size} roots in {rounds.min()} to {rounds.max()} rounds, residue {residue:.1e}")
