"""Time the first call of a process: `python first_call.py LIBRARY TASK`, after all imports."""

import importlib
import sys
from pathlib import Path
from time import perf_counter

import numpy as np

rng = np.random.default_rng()
x, y = (rng.standard_normal((64, 64), dtype=np.float32) for _ in range(2))
wide = x.astype(np.float64)
match sys.argv[2]:
    case "saxpy":
        arguments, exact = (x.ravel(), y.ravel()), (2 * wide + y).ravel()
    case "softmax":
        e = np.exp(wide - wide.max(axis=1, keepdims=True))
        arguments, exact = (x,), e / e.sum(axis=1, keepdims=True)
    case "matmul":
        arguments, exact = (x, y), wide @ y
out = np.empty(exact.shape, np.float32)
sys.path.insert(0, str(Path(__file__).parent))
library = importlib.import_module(f"with_{sys.argv[1]}")

begin = perf_counter()
result = getattr(library, sys.argv[2])(*arguments, out)
seconds = perf_counter() - begin
assert np.abs(result - exact).max() < 1e-4
print(seconds)
