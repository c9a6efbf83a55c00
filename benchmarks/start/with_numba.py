"""What `first_call.py` times, in Numba with its disk cache."""

import math

import numba
import numpy as np


@numba.njit(parallel=True, fastmath=True, cache=True)
def saxpy(x, y, out):
    """`2 * x + y`."""
    for i in numba.prange(x.size):
        out[i] = np.float32(2) * x[i] + y[i]
    return out


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
    return out


@numba.njit(parallel=True, fastmath=True, cache=True)
def matmul(x, y, out):
    """`x @ y`, in rows."""
    for i in numba.prange(out.shape[0]):
        out[i] = 0
        for k in range(x.shape[1]):
            for j in range(out.shape[1]):
                out[i, j] += x[i, k] * y[k, j]
    return out
