"""Time the first softmax of a process that uses Numba with its disk cache."""

import json
import math
from time import perf_counter

import numba
import numpy as np


@numba.njit(parallel=True, fastmath=True, cache=True)
def softmax(x, out):
    """Softmax of each row."""
    rows, cols = x.shape
    for i in numba.prange(rows):
        top = x[i, 0]
        for j in range(cols):
            top = max(top, x[i, j])
        total = np.float32(0)
        for j in range(cols):
            e = math.exp(x[i, j] - top)
            out[i, j] = e
            total += e
        for j in range(cols):
            out[i, j] /= total


x = np.random.default_rng().standard_normal((64, 1000), dtype=np.float32)
out = np.empty_like(x)
begin = perf_counter()
softmax(x, out)
seconds = perf_counter() - begin

exact = np.exp(x - x.max(axis=1, keepdims=True))
np.testing.assert_allclose(out, exact / exact.sum(axis=1, keepdims=True), rtol=1e-5, atol=1e-8)
print(json.dumps({"seconds": seconds}))
