"""Loop-carried tiles: attention with an online softmax, which never holds a whole row of scores."""

import numpy as np

import tilewright as tw


@tw.kernel
def attention(q, k, v, out, scale, BM: tw.constexpr, BN: tw.constexpr, D: tw.constexpr):
    """`softmax(q @ k.T * scale) @ v` for `BM` queries a program, `BN` keys at a time."""
    m = tw.program_id(0) * BM
    query = q[m : m + BM, 0:D]
    top = tw.full((BM, 1), -float("inf"))
    total = tw.zeros((BM, 1), tw.f32)
    acc = tw.zeros((BM, D), tw.f32)
    for n in range(0, k.shape[0], BN):
        scores = query @ k[n : n + BN, 0:D].T * scale
        scores = tw.where(n + tw.arange(BN) < k.shape[0], scores, -float("inf"))
        higher = tw.maximum(top, tw.max(scores, axis=1, keepdims=True))
        weights = tw.exp(scores - higher)
        shrink = tw.exp(top - higher)
        total = total * shrink + tw.sum(weights, axis=1, keepdims=True)
        acc = acc * shrink + weights @ v[n : n + BN, 0:D]
        top = higher
    out[m : m + BM, 0:D] = acc / total


rng = np.random.default_rng()
queries, keys, D = 200, 333, 64
q, k, v = (rng.standard_normal((n, D), dtype=np.float32) for n in (queries, keys, keys))
out = np.empty((queries, D), np.float32)

attention[tw.cdiv(queries, 32)](q, k, v, out, D**-0.5, BM=32, BN=64, D=D)

scores = q.astype(np.float64) @ k.T * D**-0.5
weights = np.exp(scores - scores.max(1, keepdims=True))
error = np.abs(out - weights / weights.sum(1, keepdims=True) @ v).max()
assert error < 1e-5
print(f"attention: {queries} queries, {keys} keys of {D}, largest error {error:.1e}")
