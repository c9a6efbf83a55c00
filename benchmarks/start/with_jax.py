"""What `first_call.py` times, in JAX; its results are arrays of its own."""

import jax
import numpy as np


def saxpy(x, y, out):
    """`2 * x + y`."""
    return np.asarray(jax.jit(lambda x, y: 2 * x + y)(x, y))


def softmax(x, out):
    """Softmax of each row."""
    return np.asarray(jax.jit(jax.nn.softmax)(x))


def matmul(x, y, out):
    """`x @ y`."""
    return np.asarray(jax.jit(lambda x, y: x @ y)(x, y))
